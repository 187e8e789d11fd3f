import { randomUUID } from 'node:crypto';
import type { Activity } from '@everwave/activities/worker';
import { tables, withSystem } from '@everwave/schema/db';
import type { Json, Plan, PlanStep } from '@everwave/schema/flow';
import { type ActivityInput, attemptOf, deferredFailure } from '@everwave/schema/run';
import { answerApproval, deliverEvent, repairRun, type RepairAction } from '@everwave/temporal/runs';
import { Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { inArray } from 'drizzle-orm';
import type { Clock, Drawn } from '../../schema/src/interpreter/testing/reference/draw-graph.ts';
import { luck, type NodeScript, toAct, toVisit } from '../../schema/src/interpreter/testing/reference/world.ts';
import type { Happening } from '../../schema/src/interpreter/testing/reference/subject.ts';
import type { Harness } from './harness.ts';

const shorter = (ms: number): number => Math.round(ms / 3_000);

/** Minutes of the virtual clock become tenths of a second. */
export const realClock: Clock = {
  toDuration: (ms) => `${shorter(ms) + 1}ms`,
  limit: (ms) => `${1_000 + shorter(ms)}ms`,
  stepLimit: '30s',
  parkLimit: { short: '1s', long: '30d' },
  runTimeout: { short: '2s', long: '60d' },
  initialInterval: '100ms',
  toMoment: (ms) => new Date(Date.now() + shorter(ms)).toISOString(),
};

/** What was done outside, in the order in which it was begun. */
export interface Call {
  readonly runId: string;
  readonly path: string;
  readonly generation: number;
  readonly input: Json;
}

/** The script of each node, and where it stands, by the flow that a run is of. */
type Casts = ReadonlyMap<string, { readonly plan: Plan; readonly nodes: Drawn['script']['nodes'] }>;

export const castsOf = (drawings: readonly Drawn[]): Casts => {
  const casts = new Map<string, { plan: Plan; nodes: Drawn['script']['nodes'] }>();
  const add = (plan: Plan, nodes: Drawn['script']['nodes']): void => {
    casts.set(plan.flowId, { plan, nodes });
    for (const step of Object.values(plan.steps)) if (step.type === 'subflow') add(step.plan, nodes);
  };
  for (const { plan, script } of drawings) add(plan, script.nodes);
  return casts;
};

const idIn = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

const createCounter = () => {
  const counts = new Map<string, number>();
  return (what: string): number => {
    counts.set(what, (counts.get(what) ?? 0) + 1);
    return counts.get(what) ?? 0;
  };
};

/** Activities that end as their node's script says. */
export const createScriptedActivities = (casts: Casts) => {
  const calls: Call[] = [];
  const count = createCounter();
  const act: Activity = async (activityInput) => {
    const { runId, flowId, path, generation, input } = activityInput as ActivityInput;
    calls.push({ runId, path, generation, input });
    const node = casts.get(flowId)?.nodes[idIn(path)];
    const n = count(`${runId} ${path}`);
    const { ends, takes } = node?.outcomes[n - 1] ?? { ends: 'well', takes: 30_000 };
    if (node?.isStubborn) await new Promise((resolve) => setTimeout(resolve, shorter(takes)));
    else {
      heartbeat();
      await Context.current().sleep(shorter(takes) + 1);
    }
    if (ends === 'well') return { output: { from: path, n, list: [n, n + 1] } };
    if (ends === 'later') {
      const attempt = attemptOf(Context.current().info, activityInput as ActivityInput);
      const details = { until: Date.now() + 50, reason: 'asked to wait', attempt };
      throw ApplicationFailure.nonRetryable('wait', deferredFailure, details);
    }
    const name = ends === 'unsure' ? 'broken' : ends;
    const failure = { name, message: 'It broke.', ...(ends === 'unsure' && { unsure: true }) };
    const nonRetryable = ends === 'unsure';
    throw ApplicationFailure.create({ message: 'It broke.', type: name, nonRetryable, details: [failure] });
  };
  return { activities: { 'test.act@1': act, 'test.read@1': act }, calls };
};

/** Everybody who has something to do with the runs of a harness: reads what waits, and does what the scripts say. */
export const startPeople = ({ client, db, orgId }: Harness, casts: Casts): { stop(): Promise<void> } => {
  const seen = new Set<string>();
  const count = createCounter();
  const under = new Set<Promise<unknown>>();
  let isStopped = false;
  const by = { userId: 'user_1', name: 'Ada', role: 'operator' };

  /**
   * Whoever gets no answer asks again, under the same id: a run may be closing its task just then, or have shown for a
   * moment what did not come about.
   */
  const later = (delay: number, does: () => Promise<unknown>): void => {
    const work = (async () => {
      await new Promise((resolve) => setTimeout(resolve, delay));
      for (let attempt = 1; attempt <= 20 && !isStopped; attempt += 1) {
        const isAnswered = await does().then(
          () => true,
          () => false,
        );
        if (isAnswered) return;
        await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, 100 * attempt)));
      }
    })();
    under.add(work);
    void work.finally(() => under.delete(work));
  };

  const perform = (runId: string, ordinal: number, happening: Happening, requestId: string): Promise<unknown> => {
    const run = { orgId, runId };
    if (happening.type === 'event') {
      const { path, event } = happening;
      return deliverEvent(client, run, { path, ordinal, event }, requestId);
    }
    if (happening.type === 'answer') {
      const { path, decision } = happening;
      const answer = { path, ordinal, decision, values: {}, comment: null };
      return answerApproval(client, run, { requestId, by: happening.by, answer });
    }
    if (happening.type !== 'person') throw new Error('Nobody does that.');
    const { act, ...rest } = happening.does;
    const actions: { readonly [name: string]: RepairAction } = {
      retry: 'retryStep',
      complete: 'completeStep',
      skip: 'skipStep',
      failRun: 'failRun',
      cancelRun: 'cancelRun',
    };
    return repairRun(client, run, actions[act] ?? 'skipStep', { requestId, by, ...rest });
  };

  /** What is cleaned up after a run was cancelled, or given up, goes on: what waits there waits for another decision. */
  const attend = (
    key: string,
    runId: string,
    path: string,
    ordinal: number,
    step: PlanStep,
    node: NodeScript | undefined,
    plan: Plan,
  ) => {
    const n = count(`${runId} ${path} parked`);
    const isImpatient = plan.settings.parkLimit === realClock.parkLimit.short;
    const decided = node?.decisions[n - 1] ?? (n > 4 ? 'skip' : 'retry');
    if (decided === 'nobody' && isImpatient) return;
    const does = toAct(step, path, decided === 'nobody' ? 'skip' : decided);
    const requestId = randomUUID();
    later(luck(`${runId} ${path} ${n}`) * 300, async () => {
      await perform(runId, ordinal, { type: 'person', does }, requestId);
      if (!('path' in does)) seen.delete(key);
    });
  };

  const visit = (runId: string, path: string, ordinal: number, step: PlanStep, node: NodeScript | undefined): void => {
    if (step.type !== 'waitForEvent' && step.type !== 'approval') return;
    const n = count(`${runId} ${path} waits`);
    const visits = [...(n > 4 ? [] : (node?.visits ?? [])), { brings: 'skip' as const, after: 4_000_000 }];
    const isEvent = step.type === 'waitForEvent';
    for (const [index, { brings, after }] of visits.entries()) {
      const waitsFor = isEvent
        ? { type: 'event' as const, event: step.event, correlationKey: step.id }
        : { type: 'approval' as const };
      const happening = toVisit({ step, path, waitsFor, brings, name: `${path} ${n}.${index}`, index });
      const requestId = randomUUID();
      later(shorter(after), () => perform(runId, ordinal, happening, requestId));
    }
  };

  const look = async (): Promise<void> => {
    const { runSteps, runs } = tables;
    const rows = await withSystem(db, async (tx) => {
      const waiting = await tx
        .select({ runId: runSteps.runId, path: runSteps.path, ordinal: runSteps.ordinal, status: runSteps.status })
        .from(runSteps)
        .where(inArray(runSteps.status, ['waiting', 'needs_attention']));
      const ids = [...new Set(waiting.map(({ runId }) => runId))];
      if (ids.length === 0) return [];
      const flows = await tx.select({ id: runs.id, flowId: runs.flowId }).from(runs).where(inArray(runs.id, ids));
      const flowOf = new Map(flows.map(({ id, flowId }) => [id, flowId]));
      return waiting.map((row) => ({ ...row, flowId: flowOf.get(row.runId) ?? '' }));
    });
    for (const { runId, flowId, path, ordinal, status } of rows) {
      const key = `${runId} ${path}~${ordinal} ${status}`;
      const cast = casts.get(flowId);
      const step = cast?.plan.steps[idIn(path)];
      if (seen.has(key) || !cast || !step) continue;
      seen.add(key);
      const node = cast.nodes[step.id];
      if (status === 'needs_attention') attend(key, runId, path, ordinal, step, node, cast.plan);
      else visit(runId, path, ordinal, step, node);
    }
  };

  const watching = (async () => {
    while (!isStopped) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await watching;
      await Promise.allSettled(under);
    },
  };
};
