import { expect } from 'vitest';
import { evaluateRequest } from '../../flow/expression/evaluation-request.ts';
import { excerptOf } from '../../flow/expression/excerpt.ts';
import type { Json, Plan } from '../../flow/plan.ts';
import { evaluateActivity, type LargeValue, valueLimits } from '../../run/large-value.ts';
import type { Command } from '../command.ts';
import type { KernelEvent } from '../event.ts';
import { anAction, aPlan, type PlanDraft } from './a-plan.ts';
import type { TestRun } from './a-run.ts';

export type Scheduled = Extract<Command, { type: 'scheduleActivity' }>;
type Succeeded = Extract<KernelEvent, { type: 'stepSucceeded' }>;

/** What a store would hold. */
export const stored = new Map<string, Json>();

const names = new Map<string, string>();

/** Stores a value. The same one twice has the same name. */
export const largeValue = (value: Json, reads: readonly string[] = []): LargeValue => {
  const json = JSON.stringify(value);
  const bytes = json.length;
  const sha256 = names.get(json) ?? `hash-of-${bytes}-${stored.size}`;
  names.set(json, sha256);
  stored.set(sha256, value);
  const excerpt = excerptOf(value, reads);
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

/** What the activity would answer to a request. */
export const answerTo = async (command: Scheduled): Promise<Omit<Succeeded, 'at'>> => {
  const { path, ordinal, evaluate } = JSON.parse(JSON.stringify(command)) as Scheduled & { evaluate: object };
  const reply = await evaluateRequest(evaluate, async ({ sha256 }) => stored.get(sha256) as Json);
  const isLarge = reply.ok && JSON.stringify(reply.value ?? null).length > (evaluate.inline ?? valueLimits.inline);
  return {
    type: 'stepSucceeded',
    path,
    ordinal,
    output: (isLarge ? { ok: true } : reply) as unknown as Json,
    ...(isLarge && reply.ok && { large: largeValue(reply.value ?? null) }),
  };
};

/** Does what the activity would: evaluates the one request that has just been made. */
export const answer = async (run: TestRun): Promise<Scheduled> => {
  const [command] = scheduledNow(run);
  if (!command?.evaluate) throw new Error('Nothing is to be evaluated.');
  expect(command.activity).toBe(evaluateActivity);
  await run.send(await answerTo(command));
  return command;
};

export const flowOf = (steps: PlanDraft['steps'], edges: readonly string[], frames = {}): Plan =>
  aPlan({ steps: { fetch, ...steps }, edges: ['start -> fetch', ...edges], frames });
