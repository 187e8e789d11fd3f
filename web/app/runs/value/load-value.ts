import { problemSchema } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import { valueLimits } from '@everwave/schema/run';
import { formatBytes } from '#app/words/numbers.ts';

export type LoadedValue =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string };

/** Loads a whole value into the page. One that is too large to be shown is not read. */
export const loadValue = async (url: string, signal?: AbortSignal): Promise<LoadedValue> => {
  try {
    const answer = await fetch(url, signal ? { signal } : {});
    if (!answer.ok) {
      const problem = problemSchema.safeParse(await answer.json().catch(() => null));
      const message = problem.success ? problem.data.detail : `The value could not be read (${answer.status}).`;
      return { ok: false, message };
    }
    const bytes = Number(answer.headers.get('content-length') ?? 0);
    if (bytes > valueLimits.editable) {
      await answer.body?.cancel();
      return { ok: false, message: tooLargeHere(bytes) };
    }
    return { ok: true, value: (await answer.json()) as Json };
  } catch {
    return { ok: false, message: 'The value could not be read. Try again.' };
  }
};

export const tooLargeHere = (bytes: number): string =>
  `It has ${formatBytes(bytes)}; up to ${formatBytes(valueLimits.editable)} can be loaded here. Download it instead.`;
