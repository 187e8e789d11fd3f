import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generationOfFork } from '../flow/generation.ts';
import type { Plan } from '../flow/plan.ts';
import type { Command } from './command.ts';
import { createState } from './create-state.ts';
import { type Forked, forkState } from './fork/fork-state.ts';
import type { RunRecord } from './fork/run-record.ts';
import { recordOf } from './testing/play-run.ts';
import { anySketched, type Sketch, type Sketched } from './testing/reference/any-graph.ts';
import { type Drawn, drawGraph, toWords } from './testing/reference/draw-graph.ts';
import { createKernel } from './testing/reference/kernel-subject.ts';
import { createReference } from './testing/reference/reference.ts';
import { epoch, given, playOut, type Script, type Trace, type Visit } from './testing/reference/world.ts';

const seed = Number(process.env['EVERWAVE_ORACLE_SEED'] ?? 20_261_202);
const numRuns = Number(process.env['EVERWAVE_ORACLE_GRAPHS'] ?? 1_000);
const generation = generationOfFork(1);

const comes = (brings: Visit['brings'], after: number): Visit => ({ brings, after });

/** A world in which all ends well, and nothing depends on which of two things comes first: a fork runs that race anew. */
const calm = (sketch: Sketch): Sketch => ({
  ...sketch,
  // Of several items the first one answers the caller, in the fork another one.
  kind: ['setVariables', 'stop', 'respond'].includes(sketch.kind) ? 'read' : sketch.kind,
  n: sketch.kind === 'merge' ? 0 : sketch.n,
  isLimited: false,
  reads: sketch.reads === 'nonsense' || sketch.reads === 'whatMayBeMissing' ? 'output' : sketch.reads,
  onFailure: null,
  outcomes: [],
  visits: [comes('event', sketch.time), comes('approval', sketch.time), comes('approval', 2 * sketch.time)],
  decisions: [],
  isStubborn: false,
  body: sketch.body.map(calm),
  cleanup: sketch.cleanup?.map(calm) ?? null,
});

const draw = ({ parts }: Sketched): Drawn =>
  drawGraph({
    parts: parts.map(calm),
    settings: { onFailure: 'park', isImpatient: false, compensateOnCancel: true, runsOut: false },
    cancelAfter: null,
  });

/** One of the actions fails whenever it runs, and nobody comes. */
const breaking = (script: Script, stepId: string | undefined): Script => {
  const node = script.nodes[stepId ?? ''];
  if (stepId === undefined || !node) return script;
  const outcomes = Array.from({ length: 20 }, () => ({ ends: 'refused' as const, takes: 100 }));
  const nodes = Object.entries({ ...script.nodes, [stepId]: { ...node, outcomes } });
  return { ...script, nodes: Object.fromEntries(nodes.map(([id, each]) => [id, { ...each, decisions: ['nobody'] }])) };
};

interface Origin {
  readonly record: RunRecord;
  readonly reached: readonly string[];
}

const runOrigin = async (plan: Plan, script: Script, events: number): Promise<Origin> => {
  const commands: Command[] = [];
  let runs = 0;
  await playOut(
    plan,
    script,
    (ofPlan, id) => createKernel(ofPlan, id, (runs += 1) === 1 ? { onCommand: (each) => commands.push(each) } : {}),
    events,
  );
  const state = { ...createState(plan), triggerStepId: 'start', trigger: given };
  const reached = commands.flatMap((command) => {
    if (command.type !== 'scheduleActivity' && command.type !== 'startChild') return [];
    const step = plan.steps[command.path.slice(command.path.lastIndexOf('.') + 1)];
    return step?.type === 'action' && step.undoes !== undefined ? [] : [command.path];
  });
  return { record: recordOf({ state, commands }), reached: [...new Set(reached)] };
};

const runFork = (plan: Plan, script: Script, from: Extract<Forked, { ok: true }>): Promise<Trace> => {
  let runs = 0;
  return playOut(plan, script, (ofPlan, id) => createKernel(ofPlan, id, (runs += 1) === 1 ? { from } : {}));
};

interface Effect {
  readonly path: string;
  readonly used: number | null;
}

/** Activities and sub-flows that the run itself has begun, in the order of their paths. */
const effectsOf = ({ begun }: Trace): readonly Effect[] =>
  begun
    .flatMap((line) => {
      const [, path, used] = /^\d+ run (\S+) generation (\d+)/.exec(line) ?? /^\d+ run\/([^/#]+)#\d+ /.exec(line) ?? [];
      return path === undefined ? [] : [{ path, used: used === undefined ? null : Number(used) }];
    })
    .toSorted((left, right) => (left.path < right.path ? -1 : 1));

const keysOf = (effects: readonly Effect[]): readonly string[] => [
  ...new Set(effects.map(({ path, used }) => `${path} ${used}`)),
];

const timeless = (line: string | undefined): string | undefined =>
  line?.replace(/^\d+ /, '').replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then');

const endOf = (plan: Plan, { runs }: Trace) => ({
  end: timeless(runs['run']?.end),
  steps: Object.fromEntries(
    Object.keys(plan.steps).flatMap((id) => {
      const last = timeless(runs['run']?.steps[id]?.at(-1));
      return last === undefined || last === 'skipped' ? [] : [[id, last]];
    }),
  ),
});

interface Forking {
  readonly drawn: Drawn;
  readonly origin: Script;
  readonly events: number;
  readonly which: number;
}

/** What the fork does and the plain reading of the whole run, once it is mended; null where they cannot be compared. */
const forkOf = async ({ drawn: { plan, script }, origin, events, which }: Forking) => {
  const { record, reached } = await runOrigin(plan, origin, events);
  const broken = record.steps.find(({ status, failure }) => status === 'needs_attention' || failure)?.path;
  const at = broken !== undefined && reached.includes(broken) ? broken : reached[which % Math.max(1, reached.length)];
  if (at === undefined) return null;
  const run = { id: 'run_2', url: '', flowName: 'Any' };
  const forked = await forkState(plan, record, { at, outputs: {}, generation }, { at: epoch, run, seed: 1 });
  if (!forked.ok) {
    // What could be undone in a frame that has ended may not be on record; of one that was begun again there still is what it
    // had done before, and what leads to the step may be open.
    const known = ['not_recorded', 'step_not_reached', 'path_not_taken'];
    if (forked.problems.every(({ code }) => known.includes(code))) return null;
    throw new Error(`${at}: ${JSON.stringify(forked.problems)}`);
  }
  const { isAgain } = forked;
  // What has failed elsewhere, and was taken there, stands as that.
  if (record.steps.some(({ path, status }) => status === 'failed' && !isAgain(path))) return null;
  // What was undone is done again under a key of its own.
  if (
    record.steps.some(
      ({ stepId, status }) =>
        stepId.startsWith('un') && !['pending', 'skipped'].includes(status) && !stepId.startsWith('undo'),
    )
  )
    return null;
  const stands = record.steps.flatMap(({ path, status }) => (status === 'succeeded' && !isAgain(path) ? [path] : []));
  const fork = await runFork(plan, script, forked);
  const whole = await playOut(plan, script, createReference);
  return { at, broken, isAgain, stands, fork, whole };
};

describe('a fork of any drawing, at any step that its run has reached', () => {
  it('does what a plain reading of the whole run does, but for what stands, and ends as that', async () => {
    let compared = 0;
    let mended = 0;
    let partial = 0;
    await fc.assert(
      fc.asyncProperty(
        anySketched.map(draw),
        fc.option(fc.nat()),
        fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(40)),
        fc.nat(),
        async (drawn, breaks, events, which) => {
          const ids = Object.keys(drawn.plan.steps).filter((id) => /^(act|read|undoable)\d/.test(id));
          const origin = breaking(drawn.script, breaks === null ? undefined : ids[breaks % Math.max(1, ids.length)]);
          const played = await forkOf({ drawn, origin, events, which });
          if (!played) return;
          const { at, broken, isAgain, stands, fork, whole } = played;
          compared += 1;
          if (broken === at) mended += 1;
          if (events < 40) partial += 1;
          const words = `at ${at}, after ${events} events\n${toWords(drawn)}`;
          const isKnown = ({ path, used }: Effect) => stands.includes(path) && used !== generation;
          const expected = effectsOf(whole)
            .filter(({ path }) => !stands.includes(path))
            .map(({ path, used }) => ({ path, used: used === null ? null : isAgain(path) ? generation : 1 }));
          // A frame that a person begins again asks for what stands, or was done, once more: its key is known.
          const done = effectsOf(fork).filter((effect) => !isKnown(effect));
          expect(keysOf(done), words).toEqual(keysOf(expected));
          expect(endOf(drawn.plan, fork), words).toEqual(endOf(drawn.plan, whole));
        },
      ),
      { seed, numRuns },
    );
    expect(compared).toBeGreaterThan(numRuns / 2);
    expect(mended).toBeGreaterThan(numRuns / 20);
    expect(partial).toBeGreaterThan(numRuns / 5);
  }, 600_000);
});
