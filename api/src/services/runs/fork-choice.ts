import type { ForkPreview, RunFork } from '@everwave/schema/api';
import { effectOf, type Plan, type PlanStep } from '@everwave/schema/flow';
import { differencesOf, placeOf, reachOf } from '@everwave/schema/interpreter';
import { runIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { isClosed, isSettled } from '@everwave/schema/run';
import { readRunRecord } from '@everwave/temporal/runs';
import { and, eq } from 'drizzle-orm';
import { readPlan } from '../../dispatch/plan-cache.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { findEffects, findUnderWay, type KnownEffect } from './find-effects.ts';
import type { RunRow } from './find-run.ts';
import { chooseVersion, type ChosenVersion } from './choose-version.ts';
import { type Level, splitPath, weighLevel } from './weigh-level.ts';

const mostSteps = 500;

/** What a request to start a run again comes to, against what is recorded of the run now. */
export interface ForkChoice {
  readonly level: Level;
  readonly version: ChosenVersion;
  readonly preview: ForkPreview;
}

/** Reads Postgres alone. Throws where the run cannot be started again at all; what a person can change is in the preview. */
export const weighFork = async (context: ServiceContext, runId: string, request: RunFork): Promise<ForkChoice> => {
  const { db, ring, caller } = context;
  const recorded = await readRunRecord(db, ring, { orgId: caller.orgId, runId });
  if (!recorded) throw problem('run_not_found', `Your org has no run ${runId}.`);
  const { run } = recorded;
  const { version, plan, effects, underWay } = await withOrg(db, caller.orgId, async (tx) => {
    await refuseWhileAwaited(tx, run, request.from);
    const chosen = await chooseVersion(tx, context, run, request.version);
    return {
      version: chosen,
      plan: await readPlan(tx, caller.orgId, chosen.planHash),
      effects: await findEffects(tx, run),
      underWay: await findUnderWay(tx, run),
    };
  });
  const { planHash } = version;
  const level = await weighLevel(context, recorded, { plan, planHash }, request);
  const levels = levelsOf(level);
  const problems = levels.flatMap(({ prefix, level: { problems: found } }) =>
    found.map((each) => ({ ...each, path: `${prefix}${each.path}` })),
  );
  const preview: ForkPreview = {
    runId: runIdSchema.parse(runId),
    from: request.from,
    flowVersion: version.flowVersion,
    fits: problems.length === 0,
    problems,
    differences: levels.flatMap(({ prefix, level: each }) =>
      differences(each).map((difference) => ({ ...difference, stepId: `${prefix}${difference.stepId}` })),
    ),
    again: levels.flatMap(({ prefix, level: each }) => again(each, prefix)).slice(0, mostSteps),
    counts: countsOf(levels),
    effects: effectsAgain(level, effects, underWay),
    supersedes: !isClosed(run.status),
  };
  return { level, version, preview };
};

/** The flow's own, and those of the sub-flows on the way to the step. */
const levelsOf = (level: Level, prefix = ''): readonly { readonly prefix: string; readonly level: Level }[] => [
  { prefix, level },
  ...(level.inner ? levelsOf(level.inner, `${prefix}${level.at}/`) : []),
];

/** A sub-flow's run that another one waits for is started again from there: that one must hear how it ends. */
const refuseWhileAwaited = async (tx: Transaction, run: RunRow, from: string): Promise<void> => {
  let awaited = { run, from };
  for (;;) {
    const { parentRunId, parentPath, parentWaits } = awaited.run;
    if (parentRunId === null || parentWaits !== true || isClosed(awaited.run.status)) break;
    const [parent] = await tx
      .select()
      .from(tables.runs)
      .where(and(eq(tables.runs.id, parentRunId), eq(tables.runs.orgId, run.orgId)));
    if (!parent || isClosed(parent.status)) break;
    awaited = { run: parent, from: `${parentPath}/${awaited.from}` };
  }
  if (awaited.run === run) return;
  throw problem(
    'fork_refused',
    `The run ${awaited.run.id} waits for this sub-flow. Start that one again, from "${awaited.from}": it goes on with what this one gives.`,
  );
};

/** What is kept although the version has it otherwise. */
const differences = ({ own, plan, planHash, at, inner, recorded, isAgain }: Level): ForkPreview['differences'] => {
  if (planHash === recorded.run.planHash) return [];
  const { isAgain: wasBehind } = reachOf(own, at);
  const kept = recorded.record.steps.filter(
    ({ path, status, stepId }) =>
      status !== 'skipped' &&
      status !== 'pending' &&
      !isAgain(path) &&
      // Of a sub-flow on the way, its own level tells.
      !(inner && path === at) &&
      // It stood behind the step, and the version does without it: nothing of it is kept.
      (Object.hasOwn(plan.steps, stepId) || !wasBehind(placeOf(path))),
  );
  const ids = kept.map(({ stepId }) => stepId);
  return differencesOf(own, plan, ids, () => false).map((each) => ({ ...each }));
};

const again = ({ own, recorded, isAgain, inner, at }: Level, prefix: string): ForkPreview['again'] =>
  recorded.record.steps
    .filter(({ path, status }) => status !== 'skipped' && isAgain(path) && !(inner && path === at))
    .toSorted((left, right) => left.seq - right.seq)
    .map(({ path, stepId }) => ({ path: `${prefix}${path}`, stepId, title: own.steps[stepId]?.title ?? stepId }));

const countsOf = (levels: ReturnType<typeof levelsOf>): ForkPreview['counts'] => ({
  again: levels.reduce((sum, { prefix, level }) => sum + again(level, prefix).length, 0),
  stands: levels.reduce((sum, { level }) => sum + standing(level), 0),
  loops: levels.flatMap(({ prefix, level }) => loopsAround(level, prefix)),
});

const standing = ({ recorded, plan, isAgain, inner, at }: Level): number =>
  recorded.record.steps.filter(
    ({ path, stepId, status }) =>
      status !== 'skipped' &&
      isSettled(status) &&
      Object.hasOwn(plan.steps, stepId) &&
      !isAgain(path) &&
      !(inner && path === at),
  ).length;

/** Each loop over items in one of whose items the step stands. */
const loopsAround = ({ recorded, own, at, isAgain }: Level, prefix: string): ForkPreview['counts']['loops'] =>
  recorded.record.steps.flatMap(({ path, stepId, input }) => {
    const step = own.steps[stepId];
    if (step?.type !== 'forEach' || !at.startsWith(`${path}[`) || !Array.isArray(input)) return [];
    const items = new Set(
      [at, ...recorded.record.steps.flatMap((each) => (isAgain(each.path) ? [each.path] : []))]
        .filter((each) => each.startsWith(`${path}[`))
        .map((each) => Number.parseInt(each.slice(path.length + 1), 10)),
    );
    return [{ path: `${prefix}${path}`, title: step.title, items: input.length, again: items.size }];
  });

/** The step that a path names, also inside sub-flows. */
const stepOf = (plan: Plan, path: string): PlanStep | undefined => {
  const [own, inside] = splitPath(path);
  const { stepId } = placeOf(own);
  const step = Object.hasOwn(plan.steps, stepId) ? plan.steps[stepId] : undefined;
  if (inside === undefined) return step;
  return step?.type === 'subflow' ? stepOf(step.plan, inside) : undefined;
};

/** `ship/send` of `each[3].ship/send`: the same step in whichever iteration. */
const stepIdOf = (path: string): string =>
  path
    .split('/')
    .map((own) => placeOf(own).stepId)
    .join('/');

const siblingOf = (path: string, stepId: string): string =>
  `${path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('.')) + 1)}${stepId}`;

/** Whether what a step has done, in the run or in that of a sub-flow, would happen again. */
const happensAgain = (level: Level, path: string): boolean => {
  const [own, inside] = splitPath(path);
  if (level.inner && own === level.at) return inside !== undefined && happensAgain(level.inner, inside);
  return level.isAgain(own);
};

/** What the ledger knows, what is under way and may be noted there any moment, and what was undone. */
const effectsAgain = (
  level: Level,
  known: readonly KnownEffect[],
  underWay: Awaited<ReturnType<typeof findUnderWay>>,
): ForkPreview['effects'] => {
  const undos = new Map<string, KnownEffect>();
  const done: KnownEffect[] = [];
  for (const effect of known) {
    const step = stepOf(level.own, effect.path);
    if (step?.type === 'action' && step.undoes !== undefined) undos.set(siblingOf(effect.path, step.undoes), effect);
    else done.push(effect);
  }
  const noted = done
    .filter(({ path }) => happensAgain(level, path))
    .map(({ path, state, at }) => {
      const undo = undos.get(path);
      return { path, at, state: undo && undo.at >= at ? ('undone' as const) : state, isKept: false };
    });
  const paths = new Set(noted.map(({ path }) => path));
  const open = underWay
    .filter(({ path, generation }) => {
      const step = stepOf(level.own, path);
      if (step?.type !== 'action' || step.undoes !== undefined || paths.has(path)) return false;
      return happensAgain(level, path) && effectOf(step, generation).effect !== 'reads';
    })
    .map(({ path, at }) => ({ path, at, state: 'underWay' as const, isKept: false }));
  const kept = levelsOf(level).flatMap(({ prefix, level: { undone, recorded } }) =>
    undone.map((own) => {
      const path = `${prefix}${own}`;
      const at = undos.get(path)?.at ?? new Date(recorded.record.steps.find((step) => step.path === own)?.at ?? 0);
      return { path, at, state: 'undone' as const, isKept: true };
    }),
  );
  return [...noted, ...open, ...kept].map(({ path, at, ...effect }) => {
    const stepId = stepIdOf(path);
    const title = stepOf(level.own, path)?.title ?? stepId;
    return { path, stepId, title, at: at.toISOString(), ...effect };
  });
};
