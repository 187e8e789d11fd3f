import { createHash } from 'node:crypto';
import type { KeptValue, RunStep } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import type { World } from './world.ts';

interface KeepValue {
  readonly runId: string;
  readonly path: string;
  readonly of: 'input' | 'output';
  readonly value: Json;
  /** The step made it from large values: what is shown is the template. */
  readonly template?: string;
}

/** Where the api has a step's whole value. */
export const valueAddress = (runId: string, path: string, of: string): string =>
  `/v1/runs/${runId}/steps/${path}/${of}`;

/** Makes a step's value a large one: run and dead letter have its beginning, and the whole stands at its own address. */
export const keepValue = (world: World, { runId, path, of, value, template }: KeepValue): void => {
  const json = JSON.stringify(value);
  const sha256 = createHash('sha256').update(json).digest('hex');
  const kept: KeptValue =
    template === undefined
      ? { ref: `blob:${sha256}`, bytes: json.length, sha256, preview: json.slice(0, 200) }
      : { ref: null, bytes: null, sha256: null, preview: template };
  world.keptValues.set(valueAddress(runId, path, of), json);
  const run = world.runs.get(runId);
  if (!run) throw new Error(`There is no run ${runId}.`);
  const changed = (step: RunStep): RunStep => {
    const { [of]: _, ...rest } = step;
    return { ...rest, [`${of}Reference`]: kept };
  };
  world.runs.set(runId, { ...run, steps: run.steps.map((step) => (step.path === path ? changed(step) : step)) });
  if (of === 'output') return;
  for (const [at, letter] of world.deadLetters.entries()) {
    if (letter.runId !== runId || letter.path !== path) continue;
    const { input: _, ...rest } = letter;
    world.deadLetters[at] = { ...rest, inputReference: kept };
  }
};
