import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanStep } from '../flow/plan.ts';
import type { Command } from './command.ts';
import { anySketched, type Sketch } from './testing/reference/any-graph.ts';
import { type Drawn, drawGraph, toWords } from './testing/reference/draw-graph.ts';
import { createKernel, type Defect } from './testing/reference/kernel-subject.ts';
import { createReference } from './testing/reference/reference.ts';
import { playOut, type Trace } from './testing/reference/world.ts';

const seed = Number(process.env['EVERWAVE_ORACLE_SEED'] ?? 20_261_201);
const numRuns = Number(process.env['EVERWAVE_ORACLE_GRAPHS'] ?? 2_000);

const framesAround = (plan: Plan, { region }: PlanStep): readonly PlanStep[] => {
  const frame = plan.steps[region];
  return frame ? [frame, ...framesAround(plan, frame)] : [];
};

const withSteps = (plan: Plan, change: (step: PlanStep) => PlanStep): Plan => ({
  ...plan,
  steps: Object.fromEntries(
    Object.entries(plan.steps).map(([id, step]) => {
      const changed = change(step);
      return [id, changed.type === 'subflow' ? { ...changed, plan: withSteps(changed.plan, change) } : changed];
    }),
  ),
});

/**
 * What ends more than its item, a frame around the loop or the run, does so once the batch has ended, where the run
 * itself would do so at once: another moment for all that follows. Here failures end an item at most.
 */
const withModestFailures = (plan: Plan): Plan =>
  withSteps(plan, (step) => {
    if ('onFailure' in step && step.onFailure === 'fail') return { ...step, onFailure: 'park' } as PlanStep;
    if (step.type !== 'forEach' || !step.batches) return step;
    const isCaught = framesAround(plan, step).some(({ type }) => type === 'try');
    return step.onItemFailure === 'stop' || isCaught ? { ...step, onItemFailure: 'collect' } : step;
  });

/** The loops that the compiler lets run in batches do so, however short they are. */
const inBatches = (plan: Plan, size: number): Plan =>
  withSteps(plan, (step) =>
    step.type === 'forEach' && step.batches ? { ...step, batches: { above: 0, size } } : step,
  );

/**
 * A batch reads variables as they were when it began: whether another branch sets one before or after is nobody's promise.
 * Nor is it how far an item comes at the very moment at which something else ends the run.
 */
const calm = (sketch: Sketch, isInLoop = false): Sketch => {
  const { kind, reads } = sketch;
  const inside = (each: Sketch): Sketch => calm(each, isInLoop || kind === 'forEach');
  const failsAtOnce = !isInLoop && (reads === 'nonsense' || reads === 'whatMayBeMissing');
  return {
    ...sketch,
    kind: kind === 'setVariables' || kind === 'stop' ? 'read' : kind,
    isOdd: sketch.isOdd && kind !== 'merge',
    reads: failsAtOnce ? 'output' : reads,
    body: sketch.body.map(inside),
    cleanup: sketch.cleanup?.map(inside) ?? null,
  };
};

const anyDrawn = anySketched.map(({ parts, settings, ...sketched }): Drawn => {
  // Nobody's coming ends the run as well.
  const patient = {
    ...settings,
    isImpatient: false,
    onFailure: settings.onFailure === 'fail' ? ('park' as const) : settings.onFailure,
  };
  const drawn = drawGraph({ ...sketched, settings: patient, parts: parts.map((part) => calm(part)) });
  return { ...drawn, plan: withModestFailures(drawn.plan) };
});

const play = async ({ plan, script }: Drawn, size: number, defect?: Defect) => {
  let batches = 0;
  const expected = await playOut(plan, script, createReference);
  const actual = await playOut(plan, script, (ofPlan, id) =>
    createKernel(inBatches(ofPlan, size), id, {
      ...defect,
      onCommand: ({ type }) => {
        if (type === 'startBatch') batches += 1;
      },
    }),
  );
  return { expected: normal(expected), actual: normal(actual), batches };
};

const undo = /\bun(undoable\d+)/;
const time = /^\d+ /;

/** What batches have done is undone in the order in which they ended: the same steps, and each at another time. */
const withoutTimes = ({ begun, runs, stopped }: Trace): Trace => {
  const untimed = (lines: readonly string[]) => lines.map((each) => each.replace(time, ''));
  return {
    begun: untimed(begun).toSorted(),
    stopped: untimed(stopped).toSorted(),
    runs: Object.fromEntries(
      Object.entries(runs).map(([key, { statuses, end, steps }]) => [
        key,
        {
          statuses: untimed(statuses),
          end: end.replace(time, ''),
          steps: Object.fromEntries(Object.entries(steps).map(([path, all]) => [path, untimed(all)])),
        },
      ]),
    ),
  };
};

/**
 * Of what happens at one moment, workflows begin their part in an order of their own. And what items in a batch wait for is
 * not told to the run: to it they are under way.
 */
const normal = ({ begun, runs, ...trace }: Trace): Trace => ({
  ...trace,
  begun: begun.toSorted(),
  runs: Object.fromEntries(
    Object.entries(runs).map(([key, run]) => [key, { ...run, statuses: settledStatuses(run.statuses) }]),
  ),
});

const settledStatuses = (statuses: readonly string[]): readonly string[] => {
  const all = statuses.map((each) => each.replace('waiting', 'running').split(' '));
  return all
    .filter(([at], index) => all[index + 1]?.[0] !== at)
    .filter(([, status], index, lasting) => lasting[index - 1]?.[1] !== status)
    .map((each) => each.join(' '));
};

const inCommands = (change: (command: Command) => readonly Command[]): Defect => ({
  tamper: () => (advanced) => ({ ...advanced, commands: advanced.commands.flatMap(change) }),
});

/** The comparison must notice every one of them. */
const defects: { readonly [name: string]: Defect } = {
  'never tells a batch to stop': inCommands((command) => (command.type === 'stopBatch' ? [] : [command])),
  'begins in a batch one item more': inCommands((command) => [
    command.type === 'startBatch' ? { ...command, concurrency: command.concurrency + 1 } : command,
  ]),
  'forgets what a batch could undo': inCommands((command) => {
    if (command.type !== 'closeRun' || !command.batch) return [command];
    const { done: _, ...end } = command.batch.end;
    return [{ ...command, batch: { ...command.batch, end } }];
  }),
  'numbers the items of each batch from 0': inCommands((command) => [
    command.type === 'startBatch' ? { ...command, from: 0 } : command,
  ]),
};

const toComparable = (expected: Trace): ((trace: Trace) => Trace) =>
  expected.begun.filter((each) => undo.test(each)).length > 1 ? withoutTimes : (trace) => trace;

describe('the kernel with its loops in batches and a plain reading of the semantics that knows of none', () => {
  it('say the same of any drawing and whatever happens to it', async () => {
    let all = 0;
    let untimed = 0;
    await fc.assert(
      fc.asyncProperty(anyDrawn, fc.integer({ min: 1, max: 3 }), async (drawn, size) => {
        const { expected, actual, batches } = await play(drawn, size);
        all += batches;
        const comparable = toComparable(expected);
        if (comparable === withoutTimes) untimed += 1;
        expect(comparable(actual), toWords(drawn)).toEqual(comparable(expected));
      }),
      { seed, numRuns },
    );
    expect(all).toBeGreaterThan(numRuns / 4);
    expect(untimed).toBeLessThan(numRuns / 4);
  }, 600_000);

  it.each(Object.entries(defects))('do not say the same when the kernel %s', async (_name, defect) => {
    for (const drawn of fc.sample(anyDrawn, { seed: 7, numRuns: 600 })) {
      const played = await play(drawn, 2, defect).catch(() => null);
      if (!played) return;
      const comparable = toComparable(played.expected);
      if (!isDeepStrictEqual(comparable(played.actual), comparable(played.expected))) return;
    }
    expect.unreachable('Nobody has noticed.');
  });
});
