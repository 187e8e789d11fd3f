import { excerptOf } from '@everwave/schema/expression';
import { type ActivityInput, type ActivityResult, type LargeValue, valueLimits } from '@everwave/schema/run';
import { cutText } from './cut-text.ts';
import type { FinishedOutput } from './finish-output.ts';
import type { ValueStore, ValueUse } from './ports.ts';

/** A step's output as it leaves the attempt: itself, or, when it is large, what it is called in the store. */
export type Kept = Pick<ActivityResult, 'output' | 'large'>;

/** Keeps an output outside of the run's history when it is large. */
export const keepOutput = async (
  values: ValueStore,
  { orgId, runId, path, ordinal, reads = [] }: ActivityInput,
  { output, bytes }: FinishedOutput,
): Promise<Kept> => {
  if (bytes <= valueLimits.inline) return { output };
  const large = await keepValue(values, { orgId, runId, path, ordinal, name: 'output' }, JSON.stringify(output));
  const excerpt = excerptOf(output, reads);
  return { output: null, large: { ...large, ...(excerpt && { excerpt }) } };
};

/** Stores a value, given as its JSON, and gives its reference. */
export const keepValue = async (values: ValueStore, use: ValueUse, text: string): Promise<LargeValue> => {
  const json = Buffer.from(text, 'utf8');
  const sha256 = await values.keep(use, json);
  return {
    reference: { ref: `blob:${sha256}`, bytes: json.length, sha256, preview: cutText(text, valueLimits.preview) },
  };
};
