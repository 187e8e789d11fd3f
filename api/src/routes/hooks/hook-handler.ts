import { forgetFiles } from '@everwave/temporal/values';
import type { Context, Handler } from 'hono';
import type { ApiEnv, AppDependencies } from '../../context.ts';
import { createPlanCache } from '../../dispatch/plan-cache.ts';
import { isForm, toFormRequest, toWebhookRequest } from '../../http/webhook-request.ts';
import { createRateLimit } from '../../middleware/rate-limit.ts';
import { type HttpProblem, problem } from '../../problems.ts';
import { type Limits, runUrl } from '../../settings.ts';
import { type Accepted, acceptDelivery } from '../../services/hooks/accept-delivery.ts';
import { findTrigger, type FoundTrigger } from '../../services/hooks/find-trigger.ts';
import { type ReadDelivery, readDelivery } from '../../services/hooks/read-delivery.ts';
import { readFormDelivery } from '../../services/hooks/read-form-delivery.ts';
import { waitForAnswer } from '../../services/hooks/wait-for-answer.ts';
import { DeadlineExceeded, withDeadline } from '../../with-deadline.ts';
import { answerCaller } from './answer-caller.ts';
import { createFormPlaces } from './form-places.ts';

/** Bytes of a delivery. */
export const maxDeliveryBytes = 1024 * 1024;

/** 128 bits in base64url. Anything else cannot be a token, and costs no look-up. */
const tokenShape = /^[A-Za-z0-9_-]{22}$/;

/**
 * `/hooks/:token`, any method. A 2xx is sent only after the delivery is committed; whatever cannot be committed in time
 * is a 503, which senders repeat. The answer to an unknown token tells nothing. A webhook that answers with the result
 * then holds its caller, while other deliveries go on.
 */
export const hookHandler = (limits: Limits): Handler<ApiEnv> => {
  const { answerTimeout, callersAtOnce } = limits;
  const accept = acceptor(limits);
  const plans = createPlanCache();
  let waiting = 0;
  return async (c) => {
    const dependencies = c.get('dependencies');
    const { trigger, accepted } = await accept(c);
    // Held, or more callers than this process holds: where to look is an answer too.
    if (trigger.answer === 'acknowledge' || accepted.runId === null || waiting >= callersAtOnce) {
      return c.json(
        answerOf(accepted, (runId) => runUrl(dependencies.settings, runId)),
        202,
      );
    }
    waiting += 1;
    try {
      const { runId } = accepted;
      const run = { orgId: trigger.orgId, runId };
      const patience = { timeout: answerTimeout, gone: c.req.raw.signal };
      const answer = await waitForAnswer(dependencies, plans, run, patience);
      c.get('log').info('caller answered', { ...run, answer: answer?.type ?? 'not_yet' });
      return answerCaller(c, runId, answer);
    } finally {
      waiting -= 1;
    }
  };
};

interface Stored {
  readonly trigger: FoundTrigger;
  readonly accepted: Accepted;
}

/** Stores a delivery, within the limits of this process. */
const acceptor = (limits: Limits) => {
  const { deliveriesPerSecond, deliveriesAtOnce, deliveryTimeout, deliveryFileBytes, formTimeout } = limits;
  const perHook = createRateLimit(deliveriesPerSecond, 1);
  const forms = createFormPlaces(limits);
  let inProgress = 0;

  const find = async ({ db }: AppDependencies, token: string): Promise<FoundTrigger> => {
    const trigger = await withDeadline(findTrigger(db, token), deliveryTimeout);
    if (!trigger) throw unknownHook();
    await perHook.consume(trigger.id);
    return trigger;
  };
  const commit = async (c: Context<ApiEnv>, trigger: FoundTrigger, read: ReadDelivery): Promise<Stored> => {
    const dependencies = c.get('dependencies');
    const { metrics, dispatcher, placer } = dependencies;
    const received = { ...read, requestId: c.get('requestId') };
    const accepted = await withDeadline(acceptDelivery(dependencies, trigger, received), deliveryTimeout);
    metrics.deliveries.inc({ outcome: accepted.outcome });
    c.get('log').info('delivery committed', {
      orgId: trigger.orgId,
      flowId: trigger.flowId,
      runId: accepted.runId,
      outcome: accepted.outcome,
    });
    if (accepted.outcome === 'accepted') (accepted.waits ? placer : dispatcher).kick();
    else if (isDue(accepted)) dispatcher.kick();
    return { trigger, accepted };
  };
  const withinLimits = async (c: Context<ApiEnv>, work: () => Promise<Stored>): Promise<Stored> => {
    const { metrics } = c.get('dependencies');
    if (inProgress >= deliveriesAtOnce) throw overloaded(c);
    inProgress += 1;
    try {
      return await work();
    } catch (error) {
      if (error instanceof DeadlineExceeded) metrics.deliveries.inc({ outcome: 'unavailable' });
      throw error;
    } finally {
      inProgress -= 1;
    }
  };

  /** Its files are stored before the delivery is; without it they are nobody's. */
  const acceptForm = async (c: Context<ApiEnv>, token: string): Promise<Stored> => {
    const dependencies = c.get('dependencies');
    const trigger = await find(dependencies, token);
    const leave = forms.enter(trigger.id);
    if (leave === null) throw overloaded(c);
    try {
      const request = toFormRequest(c, formTimeout);
      const read = await readFormDelivery(dependencies, trigger, request, { fileBytes: deliveryFileBytes });
      return await withinLimits(c, () => commit(c, trigger, read)).catch(async (error: unknown) => {
        // Whether it was committed after all is not known then: what nobody has is removed later.
        const isKnown = !(error instanceof DeadlineExceeded);
        if (isKnown && read.id !== undefined)
          await forgetFiles(dependencies.db, { orgId: trigger.orgId, runId: read.id });
        throw error;
      });
    } finally {
      leave();
    }
  };

  return async (c: Context<ApiEnv>): Promise<Stored> => {
    const token = c.req.param('token') ?? '';
    if (!tokenShape.test(token)) throw unknownHook();
    if (isForm(c)) return acceptForm(c, token);
    // Before it counts as in progress: whoever sends slowly holds up nobody else.
    const request = await toWebhookRequest(c);
    return withinLimits(c, async () => {
      const dependencies = c.get('dependencies');
      const trigger = await find(dependencies, token);
      return commit(c, trigger, await readDelivery(dependencies, trigger, request));
    });
  };
};

const overloaded = (c: Context<ApiEnv>): HttpProblem => {
  c.get('dependencies').metrics.deliveries.inc({ outcome: 'overloaded' });
  return problem('overloaded', 'Too many deliveries at once. Send this one again.', {
    headers: { 'retry-after': '1' },
  });
};

/** Enough have come together. */
const isDue = (accepted: Accepted): boolean =>
  accepted.outcome === 'collected' && accepted.waitsUntil !== null && accepted.waitsUntil.getTime() <= Date.now();

const unknownHook = () => problem('hook_not_found', 'No webhook has this address.');

const answerOf = (accepted: Accepted, urlOf: (runId: string) => string) => {
  if (accepted.runId !== null) return { runId: accepted.runId, url: urlOf(accepted.runId) };
  const { deliveryId, waitsUntil } = accepted;
  return waitsUntil ? { deliveryId, waitsUntil: waitsUntil.toISOString() } : { deliveryId, [accepted.as]: true };
};
