import type { ForkPreview, RunFork, StartedRun } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { isClosed } from '@everwave/schema/run';
import { additionalData } from '@everwave/temporal/encryption';
import { and, eq, inArray, max, notInArray } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import type { StoredFork } from '../../dispatch/start-claimed-run.ts';
import { problem } from '../../problems.ts';
import { runUrl } from '../../settings.ts';
import { audit } from '../audit.ts';
import { claimKey, hashRequest } from './claim-key.ts';
import type { RunRow } from './find-run.ts';
import { type ForkChoice, weighFork } from './fork-choice.ts';
import { largestStepValue, queueRun, refuseTooLarge, sealRun } from './queue-run.ts';

const { runs } = tables;

export interface ForkRequest extends RunFork {
  /** Two requests with one key are one fork. */
  readonly idempotencyKey?: string | undefined;
}

export const previewFork = async (context: ServiceContext, runId: string, request: RunFork): Promise<ForkPreview> =>
  (await weighFork(context, runId, request)).preview;

/**
 * Queues a run that starts another one again from a step. The origin, where it is open, is superseded by the new run's
 * own workflow: until that is there, nothing has changed.
 */
export const forkRunOfOrg = async (
  context: ServiceContext,
  runId: string,
  { idempotencyKey, ...request }: ForkRequest,
): Promise<StartedRun> => {
  const { db, caller, ring, requestId, settings, dispatcher } = context;
  refuseLargeValues(request);
  const earlier = await findEarlier(context, runId, request, idempotencyKey);
  const startedId = earlier ?? (await fork());
  dispatcher.kick();
  return { runId: runIdSchema.parse(startedId), url: runUrl(settings, startedId) };

  async function fork(): Promise<string> {
    const choice = await weighFork(context, runId, request);
    refuseUnlessAccepted(choice, request);
    const { recorded, version } = choice;
    const origin = recorded.run;
    const run = await sealRun(ring, caller.orgId, recorded.record.trigger);
    const order: StoredFork = {
      originRunId: runId,
      originSeq: isClosed(origin.status) ? null : recorded.seq,
      at: request.from,
      outputs: request.outputs,
      ...(request.input !== undefined && { input: request.input }),
    };
    const forkSealed = await ring.sealJson(caller.orgId, { ...order }, additionalData.runFork(run.id));
    return withOrg(db, caller.orgId, async (tx) => {
      if (idempotencyKey !== undefined) {
        const found = await claimKey(tx, caller.orgId, claimOf(runId, request, idempotencyKey, run.id));
        if (found) return found;
      }
      const forkNumber = await nextNumber(tx, origin);
      const { triggerId, triggerNodeId, triggerKind, flowId, orgId } = origin;
      const trigger = { id: triggerId, nodeId: triggerNodeId, kind: triggerKind };
      await queueRun(
        tx,
        run,
        { orgId, flowId, ...version, trigger },
        {
          startedBy: caller.name,
          requestId,
          ...(idempotencyKey !== undefined && { idempotencyKey }),
          fork: { rootRunId: origin.rootRunId, forkOfRunId: runId, forkAt: request.from, forkNumber, forkSealed },
        },
      );
      const details = {
        forkOfRunId: runId,
        from: request.from,
        flowVersion: version.flowVersion,
        editedOutputs: Object.keys(request.outputs),
        editedInput: request.input !== undefined,
        accepted: choice.preview.effects.map(({ path }) => path).slice(0, 200),
      };
      await audit(tx, context, { action: 'run.forked', target: { kind: 'run', id: run.id }, details });
      return run.id;
    });
  }
};

const claimOf = (runId: string, request: RunFork, key: string, newId: string) => {
  const { from, outputs, input = null, version, accept } = request;
  return { key, requestHash: hashRequest(['fork', runId, from, outputs, input, version, accept]), runId: newId };
};

/** A request that comes twice is answered from the first, whatever has become of the origin since. */
const findEarlier = async (
  { db, caller }: ServiceContext,
  runId: string,
  request: RunFork,
  key: string | undefined,
): Promise<string | null> => {
  if (key === undefined) return null;
  const { idempotencyKeys } = tables;
  const [row] = await withOrg(db, caller.orgId, (tx) =>
    tx
      .select()
      .from(idempotencyKeys)
      .where(and(eq(idempotencyKeys.orgId, caller.orgId), eq(idempotencyKeys.key, key))),
  );
  return row?.requestHash === claimOf(runId, request, key, '').requestHash ? row.runId : null;
};

const refuseLargeValues = ({ outputs, input }: RunFork): void => {
  if (input !== undefined) refuseTooLarge(input, 'The input', largestStepValue, 'input');
  refuseTooLarge(outputs, 'What the steps before it gave', largestStepValue, 'outputs');
};

const refuseUnlessAccepted = ({ preview }: ForkChoice, { accept }: RunFork): void => {
  if (!preview.fits) {
    throw problem('fork_refused', preview.problems.map(({ message }) => message).join(' '), {
      errors: preview.problems.map(({ path, message, code }) => ({ path, message, code })),
    });
  }
  const open = preview.effects.filter((effect) => !accept.some((given) => covers(given, effect)));
  if (open.length === 0) return;
  throw problem(
    'effects_not_accepted',
    `${open.length} ${open.length === 1 ? 'step has' : 'steps have'} had an effect outside, which would happen again. Accept each of them, or start again from a later step.`,
    {
      errors: open.map(({ path, title, state }) => ({
        path,
        message: `${title}: ${effectWords[state]}`,
        code: state,
      })),
    },
  );
};

const effectWords = {
  confirmed: 'it happened, and would happen once more.',
  sent: 'it was sent, and would be sent once more.',
  unsure: 'it may have happened, and would happen once more.',
  underWay: 'it is under way, may happen, and would happen once more.',
} as const;

/** A step, a frame around it, or every place of a step. */
const covers = (given: string, { path, stepId }: ForkPreview['effects'][number]): boolean =>
  given === path || given === stepId || path.startsWith(`${given}.`) || path.startsWith(`${given}[`);

/** Counts the forks of a root, one at a time. An open origin has one at most that is on its way. */
const nextNumber = async (tx: Transaction, { id, rootRunId, orgId }: RunRow): Promise<number> => {
  const locked = await tx
    .select({ id: runs.id, status: runs.status })
    .from(runs)
    .where(and(eq(runs.orgId, orgId), inArray(runs.id, [id, rootRunId])))
    .orderBy(runs.id)
    .for('update');
  const origin = locked.find((row) => row.id === id);
  if (!origin) throw problem('run_not_found', `Your org has no run ${id}.`);
  if (!isClosed(origin.status)) {
    const [onItsWay] = await tx
      .select({ id: runs.id })
      .from(runs)
      .where(and(eq(runs.forkOfRunId, id), notInArray(runs.status, ['failed', 'cancelled'])))
      .limit(1);
    if (onItsWay) throw problem('fork_refused', `This run is being started again already, as ${onItsWay.id}.`);
  }
  const [last] = await tx
    .select({ number: max(runs.forkNumber) })
    .from(runs)
    .where(eq(runs.rootRunId, rootRunId));
  return (last?.number ?? 0) + 1;
};
