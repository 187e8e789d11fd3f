import type { ForkPreview, RunFork, StartedRun } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { isClosed } from '@everwave/schema/run';
import { sealFork } from '@everwave/temporal/runs';
import { and, eq, notInArray } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';

import { problem } from '../../problems.ts';
import { runUrl } from '../../settings.ts';
import { audit } from '../audit.ts';
import { refuseMasked } from '../masking/refuse-masked.ts';
import { claimKey, hashRequest, onceForKey } from './claim-key.ts';
import type { RunRow } from './find-run.ts';
import { type ForkChoice, weighFork } from './fork-choice.ts';
import { takeNumbers, toOrder } from './fork-order.ts';
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
  refuseValues(request);
  const claim = idempotencyKey === undefined ? undefined : { key: idempotencyKey, requestHash: hashOf(runId, request) };
  const startedId = await onceForKey(context, claim, fork);
  dispatcher.kick();
  return { runId: runIdSchema.parse(startedId), url: runUrl(settings, startedId) };

  async function fork(): Promise<string> {
    const choice = await weighFork(context, runId, request);
    refuseUnlessAccepted(choice, request);
    const { level, version } = choice;
    const origin = level.recorded.run;
    const run = await sealRun(ring, caller.orgId, level.recorded.record.trigger, level.recorded.env);
    return withOrg(db, caller.orgId, async (tx) => {
      const found = claim && (await claimKey(tx, caller.orgId, { ...claim, runId: run.id }));
      if (found) return found;
      await refuseWhileOnItsWay(tx, origin);
      const numbers = await takeNumbers(tx, level);
      const order = toOrder(level, run.id, numbers);
      // The org's key is known since the run was sealed: no transaction waits for it.
      const forkSealed = await sealFork(ring, { orgId: caller.orgId, runId: run.id }, order);
      const { triggerId, triggerNodeId, triggerKind, flowId, orgId } = origin;
      const trigger = { id: triggerId, nodeId: triggerNodeId, kind: triggerKind };
      await queueRun(
        tx,
        run,
        { orgId, flowId, ...version, trigger },
        {
          startedBy: caller.name,
          requestId,
          ...(claim && { idempotencyKey: claim.key }),
          fork: {
            rootRunId: origin.rootRunId,
            forkOfRunId: runId,
            forkAt: request.from,
            forkNumber: numbers[0] ?? null,
            forkSealed,
          },
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

const hashOf = (runId: string, { from, outputs, input = null, version, accept }: RunFork): string =>
  hashRequest(['fork', runId, from, outputs, input, version, accept]);

const refuseValues = ({ outputs, input }: RunFork): void => {
  if (input !== undefined) refuseTooLarge(input, 'The input', largestStepValue, 'input');
  refuseTooLarge(outputs, 'What the steps before it gave', largestStepValue, 'outputs');
  refuseMasked(input, 'input');
  refuseMasked(outputs, 'outputs');
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
      errors: open.map((effect) => ({
        path: effect.path,
        message: `${effect.title}: ${wordsOf(effect)}`,
        code: effect.state,
      })),
    },
  );
};

const wordsOf = ({ state, isKept }: ForkPreview['effects'][number]): string => {
  if (isKept) return 'it was undone, and would not happen again: what follows reads what it gave then.';
  return effectWords[state];
};

const effectWords = {
  confirmed: 'it happened, and would happen once more.',
  sent: 'it was sent, and would be sent once more.',
  unsure: 'it may have happened, and would happen once more.',
  underWay: 'it is under way, may happen, and would happen once more.',
  undone: 'it happened, was undone, and would happen again.',
} as const;

/** A step, a frame or a sub-flow around it, or every place of a step. */
const covers = (given: string, { path, stepId }: ForkPreview['effects'][number]): boolean =>
  given === path || given === stepId || ['.', '[', '/'].some((next) => path.startsWith(`${given}${next}`));

/** An open origin has one fork at most that is on its way. */
const refuseWhileOnItsWay = async (tx: Transaction, { id, orgId }: RunRow): Promise<void> => {
  const [origin] = await tx
    .select({ status: runs.status })
    .from(runs)
    .where(and(eq(runs.orgId, orgId), eq(runs.id, id)))
    .for('update');
  if (!origin) throw problem('run_not_found', `Your org has no run ${id}.`);
  if (isClosed(origin.status)) return;
  const [onItsWay] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.forkOfRunId, id), notInArray(runs.status, ['failed', 'cancelled'])))
    .limit(1);
  if (onItsWay) throw problem('fork_refused', `This run is being started again already, as ${onItsWay.id}.`);
};
