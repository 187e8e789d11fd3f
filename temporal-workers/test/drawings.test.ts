import type { Json, Plan } from '@everwave/schema/flow';
import { tables, withSystem } from '@everwave/schema/db';
import type * as Interpreter from '@everwave/schema/interpreter';
import type { KernelEvent } from '@everwave/schema/interpreter';
import { type Failure, isClosed } from '@everwave/schema/run';
import proto from '@temporalio/proto';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { anySketched } from '../../schema/src/interpreter/testing/reference/any-graph.ts';
import { type Drawn, drawGraph, toWords } from '../../schema/src/interpreter/testing/reference/draw-graph.ts';
import { createReference } from '../../schema/src/interpreter/testing/reference/reference.ts';
import { castsOf, createScriptedActivities, realClock, startPeople } from './drawn-world.ts';
import { createHarness, eventually, type Harness, type RunUnderTest, untilOver } from './harness.ts';
import { foretell, type Foretold } from './foretell.ts';
import { reconcile } from './rebuild.ts';

// Other drawings: EVERWAVE_ORACLE_SEED=7 EVERWAVE_ORACLE_DRAWINGS=500 pnpm oracle:stack
const seed = Number(process.env['EVERWAVE_ORACLE_SEED'] ?? 20_261_130);
const count = Number(process.env['EVERWAVE_ORACLE_DRAWINGS'] ?? 200);
// So many that workflow tasks bring several things, and that what was to end a run comes too late to end it.
const atOnce = 40;
const causes = proto.temporal.api.enums.v1.WorkflowTaskFailedCause;

// Nothing is replaced: whoever folds a history is listened to, for the order in which things happened in it.
const heard = vi.hoisted(() => new Map<string, KernelEvent[]>());
vi.mock('@everwave/schema/interpreter', async (original) => {
  const real = await original<typeof Interpreter>();
  /** What a run hears twice, or late, of a scheduling that is over: a sub-flow says how it ended, and so does Temporal. */
  const isOver = (state: Interpreter.RunState, event: KernelEvent): boolean => {
    if (!('path' in event) || !('ordinal' in event) || event.path.endsWith('!')) return false;
    const { scope, stepId } = real.placeOf(event.path);
    return state.scopes[scope]?.steps[stepId]?.ordinal !== event.ordinal;
  };
  const advance: typeof real.advance = (plan, state, event) => {
    const runId = event.type === 'started' ? event.run.id : state.run.id;
    if (event.type === 'started') heard.set(runId, []);
    if (!isOver(state, event)) heard.get(runId)?.push(event);
    return real.advance(plan, state, event);
  };
  return { ...real, advance };
});

const drawings = fc
  .sample(anySketched, { seed, numRuns: count })
  .map((sketched, number) => drawGraph(sketched, { clock: realClock, number }));
const casts = castsOf(drawings);
const { activities, calls } = createScriptedActivities(casts);
let harness: Harness;
let people: ReturnType<typeof startPeople>;

beforeAll(async () => {
  harness = await createHarness({ activities });
  people = startPeople(harness, casts);
});
afterAll(async () => {
  await people.stop();
  await harness.close();
});

/** Ids of runs are nobody's to foretell; the words of a failure are each interpreter's own. */
const plain = (value: Json): string =>
  JSON.stringify(value, (key, member: unknown) => (key === 'message' ? '' : member)).replaceAll(
    /run_[0-9a-f]+/g,
    'run_0',
  );

/** Why workflow tasks of a run have failed, but for those that came too late to end the run: something had happened. */
const failedTasks = async ({ handle }: RunUnderTest): Promise<readonly string[]> => {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    !failed || failed.cause === causes.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
      ? []
      : [`${failed.cause} ${failed.failure?.message}`],
  );
};

const compare = async (plan: Plan, run: RunUnderTest): Promise<Foretold> => {
  await eventually(
    () => run.projection(),
    ({ run: { status } }) => isClosed(status),
    60_000,
  );
  await eventually(
    () => reconcile(harness, run),
    (result) => result === 'equal',
    60_000,
  );
  const { run: row, steps } = await run.projection();
  expect(await failedTasks(run)).toEqual([]);
  const foretold = await foretell(plan, createReference, heard.get(run.runId) ?? []);
  const words = (status: string, failure: Failure | null | undefined, output: Json | null | undefined): string => {
    if (status === 'failed') return `failed ${failure?.name}`;
    return status === 'succeeded' ? `succeeded ${plain(output ?? null)}` : status;
  };
  // What was done in an earlier pass of a loop can be undone when a later pass has begun: the last word counts.
  const inTheirOrder = steps.toSorted((one, other) => one.seq - other.seq);
  const became = new Map<string, string>(
    inTheirOrder.map(({ path, status, failure, output }) => [path, words(status, failure, output)]),
  );
  const expected = new Map(
    Object.entries(foretold.steps).map(([path, { status, failure, output }]) => [path, words(status, failure, output)]),
  );
  const { status = 'open', failure, output } = foretold.end ?? {};
  became.set('the run', words(row.status, row.failure, row.output));
  expected.set('the run', words(status, failure, output));
  const differences = [...new Set([...became.keys(), ...expected.keys()])].flatMap((path) =>
    became.get(path) === expected.get(path) ? [] : [`${path}: ${became.get(path)} instead of ${expected.get(path)}`],
  );
  const order = (heard.get(run.runId) ?? []).map(
    ({ type, at, ...rest }) => `${at} ${type} ${'path' in rest ? rest.path : ''}`,
  );
  expect(differences, order.join('; ')).toEqual([]);
  const effectOf = ({ path, generation, input }: { path: string; generation: number; input: Json }) =>
    `${path} ${generation} ${plain(input)}`;
  const done = calls.filter(({ runId }) => runId === run.runId).map(effectOf);
  const asked = foretold.acts.map(effectOf);
  expect(new Set(asked)).toEqual(new Set([...asked, ...done]));
  const ended = foretold.acts.filter(({ hasEnded }) => hasEnded).map(effectOf);
  expect(new Set(done)).toEqual(new Set([...done, ...ended]));
  // What is undone one after the other is undone in that order.
  for (const [before, after] of foretold.undone) {
    expect(done.indexOf(effectOf(before))).toBeLessThan(done.lastIndexOf(effectOf(after)));
  }
  return foretold;
};

const play = async ({ plan, script }: Drawn): Promise<readonly Foretold[]> => {
  const run = await harness.start(plan, { trigger: { list: [7, 8], text: 'go' } });
  const cancelling =
    script.cancelAfter === null
      ? null
      : setTimeout(() => void run.handle.cancel().catch(() => {}), script.cancelAfter / 3_000);
  await untilOver(run);
  if (cancelling) clearTimeout(cancelling);
  const all = [await compare(plan, run)];
  const children = await withSystem(harness.db, (tx) =>
    tx
      .select({ runId: tables.runs.id, flowId: tables.runs.flowId })
      .from(tables.runs)
      .where(eq(tables.runs.parentRunId, run.runId)),
  );
  for (const { runId, flowId } of children) {
    const cast = casts.get(flowId);
    if (!cast) throw new Error(`Nobody drew ${flowId}.`);
    const child = harness.of(runId, run);
    await untilOver(child);
    all.push(await compare(cast.plan, child));
  }
  return all;
};

it('on a real Temporal and a real Postgres a drawing does what a plain reading of the semantics says', async () => {
  const left = [...drawings];
  const ends: { [status: string]: number } = {};
  let undone = 0;
  const failures: string[] = [];
  const work = async (): Promise<void> => {
    for (let drawn = left.shift(); drawn; drawn = left.shift()) {
      try {
        for (const { end, undos } of await play(drawn)) {
          ends[end?.status ?? 'open'] = (ends[end?.status ?? 'open'] ?? 0) + 1;
          undone += undos;
        }
      } catch (error) {
        failures.push(
          `seed ${seed}\n${toWords(drawn)}\n${error instanceof Error ? `${error.message} ${JSON.stringify((error as { actual?: unknown }).actual)}` : String(error)}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  expect(failures.slice(0, 3).join('\n\n')).toBe('');
  // The drawings meet what they are about.
  expect(Object.keys(ends).toSorted()).toEqual(['cancelled', 'failed', 'succeeded']);
  expect(undone).toBeGreaterThan(count / 10);
}, 600_000);
