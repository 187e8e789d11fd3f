import type { Json } from '@everwave/schema/flow';
import type { AnyNodeDefinition, CredentialDefinition } from '@everwave/schema/node';
import type { ActivityInput } from '@everwave/schema/run';
import type { Context } from '@temporalio/activity';
import type { EffectAttempt } from './effects.ts';
import type { Egress } from './egress.ts';
import type { NodeImplementation, OpenConnection, Safety, Step } from './implement-node.ts';
import { redactingLogger } from './logger.ts';
import type { AttemptMeters } from './meters.ts';
import { NodeFailure, UnsureEffect } from './node-errors.ts';
import type { ActivityDependencies, Logger } from './ports.ts';
import { retryAfterMs } from './retry-after.ts';
import type { Redactor } from './secrets.ts';
import { createStepFiles } from './step-files.ts';
import type { TimeLimit } from './time-limit.ts';
import { untilAvailable } from './until-available.ts';

/** Builds what a node's code has in its hands during one attempt. */
export const createStep = (parts: {
  readonly implementation: NodeImplementation;
  readonly dependencies: ActivityDependencies;
  readonly egress: Egress;
  readonly request: ActivityInput;
  readonly context: Context;
  readonly attempt: number;
  readonly limit: TimeLimit;
  readonly log: Logger;
  readonly meters: AttemptMeters;
  readonly redactor: Redactor;
  readonly connection: OpenConnection<CredentialDefinition> | null;
  readonly idempotencyKey: string;
  readonly safety: Safety;
  readonly effect: EffectAttempt | null;
}): Step<AnyNodeDefinition> => {
  const { context, dependencies, effect, egress, idempotencyKey, limit, request } = parts;
  const { definition } = parts.implementation;
  const effectId = { orgId: request.orgId, effectKey: idempotencyKey };
  const freshConnection = effect !== null && parts.safety.by === 'nobody';

  const heartbeat = (): void => {
    if (context.info.heartbeatTimeoutMs) context.heartbeat();
  };

  return {
    idempotencyKey,
    attempt: parts.attempt,
    repeats: effect?.decision.do === 'send' && effect.decision.repeats,
    firstSentAt: effect?.firstSentAt ?? null,
    connection: parts.connection,
    signal: limit.signal,
    egress,
    models: dependencies.models,
    log: redactingLogger(parts.log, parts.redactor),
    async fetch(url, init = {}) {
      limit.check();
      const signal = init.signal ? AbortSignal.any([limit.signal, init.signal]) : limit.signal;
      return egress.fetch(url, { freshConnection, ...init, signal });
    },
    runInSandbox: (program, handlers) => dependencies.sandbox.run(request.orgId, program, handlers, limit.signal),
    sendEvent: (event) => {
      const { orgId, runId, requestId } = request;
      return dependencies.events.send({ ...event, orgId, runId, requestId, id: idempotencyKey });
    },
    files: createStepFiles(dependencies.files, request, limit),
    heartbeat,
    async sending() {
      limit.check();
      await effect?.sending();
    },
    async once<T extends object>(name: string, make: () => Promise<T>): Promise<T> {
      const stored = await dependencies.checkpoints.find(effectId, name);
      if (stored !== undefined) return stored as T;
      const made = (await make()) as Json;
      const save = (): Promise<Json> => {
        heartbeat();
        return dependencies.checkpoints.save(effectId, name, made);
      };
      return (await untilAvailable(save, limit.signal)) as T;
    },
    meter: (name, amount) => parts.meters.add(name, amount),
    failure: (name, options = {}) =>
      new NodeFailure(name, options.message ?? `${definition.title}: ${name.replaceAll('_', ' ')}.`, {
        cause: options.cause,
        retryAfterMs: retryAfterMs(options.retryAfter, Date.now()),
        mayHaveHappened: options.mayHaveHappened ?? false,
      }),
    unsure: (message, options = {}) => new UnsureEffect(message, options),
  };
};
