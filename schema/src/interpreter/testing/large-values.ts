import { expect } from 'vitest';
import { evaluateRequest } from '../../flow/expression/evaluation-request.ts';
import { excerptOf } from '../../flow/expression/excerpt.ts';
import type { Json, Plan } from '../../flow/plan.ts';
import { evaluateActivity, type LargeValue, valueLimits } from '../../run/large-value.ts';
import type { Command } from '../command.ts';
import { anAction, aPlan, type PlanDraft } from './a-plan.ts';
import type { TestRun } from './a-run.ts';

export type Scheduled = Extract<Command, { type: 'scheduleActivity' }>;

/** What a store would hold. */
export const stored = new Map<string, Json>();

export const largeValue = (value: Json, reads: readonly string[] = []): LargeValue => {
  const sha256 = `hash-of-${JSON.stringify(value).length}-${stored.size}`;
  stored.set(sha256, value);
  const excerpt = excerptOf(value, reads);
  const bytes = JSON.stringify(value).length;
  return { reference: { ref: `blob:${sha256}`, sha256, bytes, preview: 'x' }, ...(excerpt && { excerpt }) };
};

export const page = {
  status: 200,
  body: { total: 3, items: [{ id: 1 }, { id: 2 }, { id: 3 }], text: 'x'.repeat(40_000) },
};
export const fetch = anAction({ activity: 'test.fetch@1', reads: ['body.total'] });

export const scheduledNow = (run: TestRun): readonly Scheduled[] =>
  run.commands().filter((command): command is Scheduled => command.type === 'scheduleActivity');

export const give = (run: TestRun, path: string, value: Json, reads: readonly string[] = []): Promise<void> =>
  run.send({ type: 'stepSucceeded', path, ordinal: 1, output: null, large: largeValue(value, reads) });

/** Does what the activity would: evaluates the one request that has just been made. */
export const answer = async (run: TestRun): Promise<Scheduled> => {
  const [command] = scheduledNow(run);
  if (!command?.evaluate) throw new Error('Nothing is to be evaluated.');
  expect(command.activity).toBe(evaluateActivity);
  const { path, ordinal, evaluate } = JSON.parse(JSON.stringify(command)) as Scheduled & { evaluate: object };
  const reply = await evaluateRequest(evaluate, async ({ sha256 }) => stored.get(sha256) as Json);
  const isLarge = reply.ok && JSON.stringify(reply.value ?? null).length > (evaluate.inline ?? valueLimits.inline);
  await run.send({
    type: 'stepSucceeded',
    path,
    ordinal,
    output: (isLarge ? { ok: true } : reply) as unknown as Json,
    ...(isLarge && reply.ok && { large: largeValue(reply.value ?? null) }),
  });
  return command;
};

export const flowOf = (steps: PlanDraft['steps'], edges: readonly string[], frames = {}): Plan =>
  aPlan({ steps: { fetch, ...steps }, edges: ['start -> fetch', ...edges], frames });
