import type { ForkPreview, RunFork } from '@everwave/schema/api';
import { effectOf, generationOfFork, type Plan } from '@everwave/schema/flow';
import { differencesOf, type Forked, forkState, reachOf } from '@everwave/schema/interpreter';
import { runIdSchema } from '@everwave/schema/ids';
import { withOrg } from '@everwave/schema/db';
import { isClosed } from '@everwave/schema/run';
import { readRunRecord, type RecordedRun } from '@everwave/temporal/runs';
import { readPlan } from '../../dispatch/plan-cache.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { findEffects, type KnownEffect } from './find-effects.ts';
import { chooseVersion, type ChosenVersion } from './choose-version.ts';

const mostSteps = 500;

/** What a request to start a run again comes to, against what is recorded of the run now. */
export interface ForkChoice {
  readonly recorded: RecordedRun;
  readonly version: ChosenVersion;
  readonly preview: ForkPreview;
}

/** Reads Postgres alone. Throws where the run cannot be started again at all; what a person can change is in the preview. */
export const weighFork = async (context: ServiceContext, runId: string, request: RunFork): Promise<ForkChoice> => {
  const { db, ring, caller } = context;
  const recorded = await readRunRecord(db, ring, { orgId: caller.orgId, runId });
  if (!recorded) throw problem('run_not_found', `Your org has no run ${runId}.`);
  const { run, record } = recorded;
  refuseUnlessForkable(recorded);
  const { version, own, plan, known } = await withOrg(db, caller.orgId, async (tx) => {
    const chosen = await chooseVersion(tx, context, run, request.version);
    return {
      version: chosen,
      own: await readPlan(tx, caller.orgId, run.planHash),
      plan: await readPlan(tx, caller.orgId, chosen.planHash),
      known: await findEffects(tx, run),
    };
  });
  const { from: at, input, outputs } = request;
  const order = { at, outputs, generation: generationOfFork(1), ...(input !== undefined && { input }) };
  const forkedAs = { at: Date.now(), run: { id: runId, url: '', flowName: '' }, seed: 0 };
  const forked = await forkState(plan, record, order, forkedAs);
  const isAgain = againOf(plan, forked, at);
  const { isAgain: wasBehind } = reachOf(own, at);
  /** It stood behind the step, and the version does without it: nothing of it is kept. */
  const isGone = (path: string) => wasBehind(toPlace(path)) && !Object.hasOwn(plan.steps, toPlace(path).stepId);
  const preview: ForkPreview = {
    runId: runIdSchema.parse(runId),
    from: at,
    flowVersion: version.flowVersion,
    fits: forked.ok,
    problems: forked.ok ? [] : forked.problems.map((each) => ({ ...each })),
    differences:
      version.flowVersion === run.flowVersion
        ? []
        : differences(own, plan, record.steps, (path) => isAgain(path) || isGone(path)),
    again: record.steps
      .filter(({ path, status }) => status !== 'skipped' && isAgain(path))
      .toSorted((left, right) => left.seq - right.seq)
      .slice(0, mostSteps)
      .map(({ path, stepId }) => ({ path, stepId, title: titleOf(own, stepId) })),
    effects: effectsAgain(own, recorded, known, isAgain),
    supersedes: !isClosed(run.status),
  };
  return { recorded, version, preview };
};

const refuseUnlessForkable = ({ run }: RecordedRun): void => {
  const { status, supersededByRunId, parentRunId, parentWaits } = run;
  if (parentRunId !== null && parentWaits && !isClosed(status)) {
    throw problem(
      'fork_refused',
      `The run ${parentRunId} waits for this sub-flow. Repair this one, or start that one again.`,
    );
  }
  if (status === 'superseded') {
    throw problem('fork_refused', `This run was started again as ${supersededByRunId}. Start that one again instead.`);
  }
  if (isClosed(status) || status === 'waiting' || status === 'needs_attention') return;
  throw problem('fork_refused', `This run is ${status}. It can be started again once it waits or has ended.`);
};

/** For a fork that is not possible, what it would repeat if it were. */
const againOf = (plan: Plan, forked: Forked, at: string): ((path: string) => boolean) => {
  if (forked.ok) return forked.isAgain;
  const { isAgain } = reachOf(plan, at);
  return (path) => isAgain(toPlace(path));
};

const toPlace = (path: string) => {
  const dot = path.lastIndexOf('.');
  return dot === -1 ? { scope: 'root', stepId: path } : { scope: path.slice(0, dot), stepId: path.slice(dot + 1) };
};

const titleOf = (plan: Plan, stepId: string): string => plan.steps[stepId]?.title ?? stepId;

const differences = (
  own: Plan,
  plan: Plan,
  steps: RecordedRun['record']['steps'],
  isAgain: (path: string) => boolean,
): ForkPreview['differences'] => {
  const kept = steps.filter(({ path, status }) => status !== 'skipped' && status !== 'pending' && !isAgain(path));
  const ids = kept.map(({ stepId }) => stepId);
  return differencesOf(own, plan, ids, () => false).map((each) => ({ ...each }));
};

/** What the ledger knows, and what is under way and may be noted there any moment. */
const effectsAgain = (
  plan: Plan,
  { record }: RecordedRun,
  known: readonly KnownEffect[],
  isAgain: (path: string) => boolean,
): ForkPreview['effects'] => {
  const noted = known.filter(({ path }) => isAgain(path));
  const paths = new Set(noted.map(({ path }) => path));
  const underWay = record.steps.filter(({ path, stepId, status, generation = 1 }) => {
    const step = plan.steps[stepId];
    const isOpen = status === 'running' || status === 'waiting';
    return (
      step?.type === 'action' &&
      isOpen &&
      isAgain(path) &&
      !paths.has(path) &&
      effectOf(step, generation).effect !== 'reads'
    );
  });
  const subflows = record.steps.filter(
    ({ path, stepId, status }) => plan.steps[stepId]?.type === 'subflow' && status !== 'skipped' && isAgain(path),
  );
  return [
    ...subflows.map(({ path, stepId, at }) => ({
      path,
      stepId,
      state: 'confirmed' as const,
      at: new Date(at).toISOString(),
    })),
    ...noted.map(({ path, state, at }) => ({ path, stepId: toPlace(path).stepId, state, at: at.toISOString() })),
    ...underWay.map(({ path, stepId, at }) => ({
      path,
      stepId,
      state: 'underWay' as const,
      at: new Date(at).toISOString(),
    })),
  ].map((effect) => ({ ...effect, title: titleOf(plan, effect.stepId) }));
};
