import { generationOfFork, type Json, type Plan } from '@everwave/schema/flow';
import { type Forked, type ForkProblem, forkState, placeOf, reachOf } from '@everwave/schema/interpreter';
import { type Transaction, withOrg } from '@everwave/schema/db';
import { isClosed } from '@everwave/schema/run';
import { readRunRecord, type RecordedRun } from '@everwave/temporal/runs';
import type { ServiceContext } from '../../context.ts';
import { readPlan } from '../../dispatch/plan-cache.ts';
import { problem } from '../../problems.ts';
import { findChild, findOpenChildren, findOpenDescendants, type OpenChild } from './find-children.ts';

/** Where a run, or the run of a sub-flow in it, is to be started again. */
export interface LevelRequest {
  /** `send`, or `ship/send`: inside the sub-flow of the step `ship`. */
  readonly from: string;
  readonly outputs: { readonly [path: string]: Json };
  readonly input?: Json | undefined;
}

/** What starting one run again comes to: the flow's own, or that of a sub-flow on the way to the step. */
export interface Level {
  readonly recorded: RecordedRun;
  /** As the run had it, and as it would be. */
  readonly own: Plan;
  readonly plan: Plan;
  readonly planHash: string;
  readonly at: string;
  readonly outputs: LevelRequest['outputs'];
  readonly input?: Json | undefined;
  readonly isAgain: (path: string) => boolean;
  /** Steps that stand although they were undone. */
  readonly undone: readonly string[];
  readonly problems: readonly ForkProblem[];
  /** Open runs of sub-flows that would end with it, the innermost first. */
  readonly ending: readonly OpenChild[];
  /** The run of the sub-flow at `at`, when the step is inside that. */
  readonly inner: Level | null;
}

/** Inside a sub-flow's run: `ship/send` is the step `send` in the run behind `ship`. */
export const splitPath = (path: string): readonly [own: string, inside: string | undefined] => {
  const slash = path.indexOf('/');
  return slash === -1 ? [path, undefined] : [path.slice(0, slash), path.slice(slash + 1)];
};

/** Reads Postgres alone. Throws where a run cannot be started again at all. */
export const weighLevel = async (
  context: ServiceContext,
  recorded: RecordedRun,
  { plan, planHash }: Pick<Level, 'plan' | 'planHash'>,
  request: LevelRequest,
): Promise<Level> => {
  const { db, caller } = context;
  const { run, record } = recorded;
  refuseUnlessAtRest(recorded);
  const [at, inside] = splitPath(request.from);
  const outputs = ofLevel(request.outputs, at, inside !== undefined);
  const inner =
    inside === undefined
      ? null
      : await weighChild(context, { run, plan, at }, { from: inside, outputs: outputs.inside, input: request.input });
  const order = {
    at,
    outputs: outputs.own,
    generation: generationOfFork(1),
    ...(inside !== undefined
      ? { child: { at: inside, outputs: {}, generation: 1, originRunId: '', rootRunId: '' } }
      : request.input !== undefined && { input: request.input }),
  };
  const forked = await forkState(plan, record, order, {
    at: Date.now(),
    run: { id: run.id, url: '', flowName: '' },
    seed: 0,
    env: recorded.env,
  });
  const { own, open } = await withOrg(db, caller.orgId, async (tx) => ({
    own: await readPlan(tx, caller.orgId, run.planHash),
    open: await endingWith(tx, recorded, { plan, at, hasInner: inner !== null }),
  }));
  return {
    recorded,
    own,
    plan,
    planHash,
    at,
    outputs: outputs.own,
    input: request.input,
    isAgain: againOf(plan, forked, at),
    undone: forked.ok ? forked.undone : [],
    problems: [...(forked.ok ? [] : forked.problems), ...open.problems],
    ending: open.ending,
    inner,
  };
};

const weighChild = async (
  context: ServiceContext,
  { run, plan, at }: { readonly run: RecordedRun['run']; readonly plan: Plan; readonly at: string },
  request: LevelRequest,
): Promise<Level | null> => {
  const { db, ring, caller } = context;
  const { stepId } = placeOf(at);
  const step = Object.hasOwn(plan.steps, stepId) ? plan.steps[stepId] : undefined;
  // What is no sub-flow, or has not begun, is a problem of the level around it.
  if (step?.type !== 'subflow') return null;
  const runId = await withOrg(db, caller.orgId, (tx) => findChild(tx, run, at));
  const recorded = runId && (await readRunRecord(db, ring, { orgId: caller.orgId, runId }));
  return recorded ? weighLevel(context, recorded, step, request) : null;
};

/** Outputs of the run itself, and those of the sub-flow that the step is in. */
const ofLevel = (outputs: LevelRequest['outputs'], at: string, hasInner: boolean) => {
  const prefix = `${at}/`;
  const isInside = ([path]: [string, Json]) => hasInner && path.startsWith(prefix);
  const all = Object.entries(outputs);
  return {
    own: Object.fromEntries(all.filter((each) => !isInside(each))),
    inside: Object.fromEntries(all.filter(isInside).map(([path, output]) => [path.slice(prefix.length), output])),
  };
};

const refuseUnlessAtRest = ({ run }: RecordedRun): void => {
  const { id, status, supersededByRunId } = run;
  if (status === 'superseded') {
    throw problem(
      'fork_refused',
      `The run ${id} was started again as ${supersededByRunId}. Start that one again instead.`,
    );
  }
  if (isClosed(status) || isAtRest(status)) return;
  throw problem('fork_refused', `The run ${id} is ${status}. It can be started again once it waits or has ended.`);
};

const isAtRest = (status: RecordedRun['run']['status']): boolean =>
  status === 'waiting' || status === 'needs_attention';

/** For a fork that is not possible, what it would repeat if it were. */
const againOf = (plan: Plan, forked: Forked, at: string): ((path: string) => boolean) => {
  if (forked.ok) return forked.isAgain;
  const { isAgain } = reachOf(plan, at);
  return (path) => isAgain(placeOf(path));
};

/** What the run's open sub-flows mean: those that run again end with it; one that stands beside the step is in the way. */
const endingWith = async (
  tx: Transaction,
  { run }: RecordedRun,
  { plan, at, hasInner }: { readonly plan: Plan; readonly at: string; readonly hasInner: boolean },
): Promise<{ readonly ending: readonly OpenChild[]; readonly problems: readonly ForkProblem[] }> => {
  const { isAgain } = reachOf(plan, at);
  const ending: OpenChild[] = [];
  const problems: ForkProblem[] = [];
  for (const child of await findOpenChildren(tx, run.orgId, run.id)) {
    const { path, runId } = child;
    if (hasInner && path === at) continue;
    if (!isAgain(placeOf(path))) {
      const message = `The sub-flow at "${path}" is under way as ${runId}, and the step is not behind it. Start again once that has ended, or from a step before it.`;
      problems.push({ code: 'subflow_open', path, message });
      continue;
    }
    for (const each of [...(await findOpenDescendants(tx, run.orgId, runId)), child]) {
      ending.push(each);
      if (isAtRest(each.status)) continue;
      const message = `The sub-flow's run ${each.runId} is ${each.status}. It can be started again once that waits or has ended.`;
      problems.push({ code: 'subflow_open', path, message });
    }
  }
  return { ending, problems };
};
