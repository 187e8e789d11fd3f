import type { Json } from '@everwave/schema/flow';
import { toExpressionFailure } from '@everwave/schema/interpreter';
import { activityNameOf, type AnyNodeDefinition } from '@everwave/schema/node';
import { type ActivityInput, type ActivityResult, attemptOf } from '@everwave/schema/run';
import { CancelledFailure, Context } from '@temporalio/activity';
import { openEffect, effectKeyOf, requestHashOf, type EffectAttempt } from './effects.ts';
import type { Egress } from './egress.ts';
import { evaluateHere } from './evaluate-here.ts';
import { type FinishedOutput, finishOutput } from './finish-output.ts';
import { keepOutput, type Kept } from './keep-output.ts';
import type { NodeImplementation, OpenConnection, Safety, Step } from './implement-node.ts';
import type { CredentialDefinition } from '@everwave/schema/node';
import { createMeters, type AttemptMeters } from './meters.ts';
import { CommonFailure, DoubtfulAttempt, NotForExpress, UnsureEffect } from './node-errors.ts';
import { openConnection } from './open-connection.ts';
import type { ActivityDependencies, LimitedStep, Logger } from './ports.ts';
import { createRedactor, type Redactor } from './secrets.ts';
import { findSecretVariables, withSecretVariables } from './secret-variables.ts';
import { createStep } from './create-step.ts';
import { takePlaces } from './take-places.ts';
import { untilAvailable } from './until-available.ts';
import { isRetryable, toApplicationFailure } from './to-application-failure.ts';
import { startTimeLimit, type TimeLimit } from './time-limit.ts';
import { withAttributes } from './logger.ts';

/** Everything one attempt needs, gathered once. */
interface Attempt {
  readonly implementation: NodeImplementation;
  readonly dependencies: ActivityDependencies;
  readonly egress: Egress;
  readonly request: ActivityInput;
  readonly context: Context;
  /** From 1, over every activity that was scheduled for this step and ordinal. */
  readonly attempt: number;
  readonly limit: TimeLimit;
  readonly log: Logger;
  readonly meters: AttemptMeters;
}

/**
 * Wraps an implementation, once for all nodes: parse, credential, ledger, look-up, run, parse, meters, translate. What
 * an author writes is the effect alone.
 */
export const toActivity = (
  implementation: NodeImplementation,
  dependencies: ActivityDependencies,
  egress: Egress,
): ((request: ActivityInput) => Promise<ActivityResult>) => {
  const { definition } = implementation;
  const activity = activityNameOf(definition);

  return async (request) => {
    const context = Context.current();
    const attempt = attemptOf(context.info, request);
    const { orgId, flowId, runId, path, ordinal } = request;
    const { requestId } = request;
    const log = withAttributes(dependencies.logger, { requestId, orgId, flowId, runId, path, activity, attempt });
    const limit = startTimeLimit(context);
    const meters = createMeters(dependencies.meters, definition.meters, {
      orgId,
      flowId,
      runId,
      path,
      ordinal,
      attempt,
      activity,
    });
    let redactor = createRedactor(null);
    let giveBack = (): Promise<void> => Promise.resolve();

    try {
      const connection = await findConnection(definition, dependencies, request);
      const secrets = await findSecretVariables(dependencies, request);
      redactor = createRedactor([connection?.secret ?? null, secrets]);
      const opened = connection && openConnection(connection, definition.credential as CredentialDefinition);
      giveBack = await takePlaces(dependencies.limits, toLimited(request), limit.signal).catch((error: unknown) => {
        throw limit.explain(error);
      });
      // Large values are loaded once there is a place: who has to come back for one has not loaded them in vain.
      const given = await inputOf(dependencies, request);
      const input = parseInput(definition, withSecretVariables(given, request.secrets, secrets));
      const run = { implementation, dependencies, egress, request, context, attempt, limit, log, meters };
      const kept = await perform(run, {
        input,
        connection: opened,
        redactor,
        asked: request.secrets ? given : (input as Json),
      });
      log.info('attempt succeeded');
      return kept;
    } catch (error) {
      if (isCancellation(context)) throw new CancelledFailure('The run was cancelled.');
      const failure = toApplicationFailure(error, { definition, attempt, redactor, now: Date.now() });
      log.warn('attempt failed', { failure: failure.type, retryable: !failure.nonRetryable });
      throw failure;
    } finally {
      limit.stop();
      await giveBack().catch((error: unknown) =>
        log.warn('places not given back', { reason: redactor.text(String(error)) }),
      );
      await meters
        .flush()
        .catch((error: unknown) => log.error('meters lost', { reason: redactor.text(String(error)) }));
    }
  };
};

interface Prepared {
  readonly input: unknown;
  /** The input as the ledger compares it: a secret that was replaced since does not make it another one. */
  readonly asked: Json;
  readonly connection: OpenConnection<CredentialDefinition> | null;
  readonly redactor: Redactor;
}

const perform = async (attempt: Attempt, { input, asked, connection, redactor }: Prepared): Promise<Kept> => {
  const { implementation, dependencies, request, context } = attempt;
  const { definition } = implementation;
  const safety: Safety = implementation.safetyOf?.(input) ?? definition.idempotency;
  const mayRepeat = definition.effect === 'reads' || (definition.effect !== 'spends' && safety.by !== 'nobody');
  if (context.info.isLocal && !mayRepeat) throw new NotForExpress();
  const idempotencyKey = effectKeyOf(request);
  const stepFor = (effect: EffectAttempt | null): Step<AnyNodeDefinition> =>
    createStep({ ...attempt, connection, redactor, idempotencyKey, safety, effect });

  if (definition.effect === 'reads' || safety.by === 'nature') {
    const answer = await runWithin(attempt, stepFor(null), input);
    return keepOutput(dependencies.values, request, finishOutput(answer, definition, redactor));
  }

  const activity = activityNameOf(definition);
  const effect = await openEffect({
    ledger: dependencies.effects,
    intent: {
      orgId: request.orgId,
      effectKey: idempotencyKey,
      runId: request.runId,
      path: request.path,
      activity,
      requestHash: requestHashOf({ activity, connectionId: request.connectionId, input: asked }),
      ordinal: request.ordinal,
    },
    safety,
    attempt: attempt.attempt,
    begunAgain: request.begunAgain ?? false,
    announces: implementation.announcesSending ?? false,
    now: Date.now,
  });
  const step = stepFor(effect);

  if (effect.decision.do === 'return') return effect.decision.result as unknown as Kept;
  if (effect.decision.do === 'stop') {
    const { failure, message } = effect.decision;
    throw failure === 'effect_unsure'
      ? await effect.explain(new UnsureEffect(message), { refusedForGood: true })
      : new CommonFailure(failure, message);
  }
  if (effect.decision.do === 'look') {
    const earlier = await lookForEarlier(attempt, step, input, effect);
    if (earlier !== null) return settle(attempt, effect, earlier, redactor);
  }

  if (!implementation.announcesSending) await effect.sending();
  let answer: unknown;
  try {
    answer = await runWithin(attempt, step, input);
  } catch (error) {
    throw await effect.explain(error, { refusedForGood: !isRetryable(error, definition) });
  }
  return settle(attempt, effect, answer, redactor);
};

const runWithin = async (attempt: Attempt, step: Step<AnyNodeDefinition>, input: unknown): Promise<unknown> => {
  try {
    return await attempt.implementation.run(step, input);
  } catch (error) {
    throw attempt.limit.explain(error);
  }
};

/** The earlier effect's answer; `null` when the way is free to act. */
const lookForEarlier = async (
  attempt: Attempt,
  step: Step<AnyNodeDefinition>,
  input: unknown,
  effect: EffectAttempt,
): Promise<unknown> => {
  const decided = effect.decision.do === 'look' && effect.decision.decided;
  try {
    const earlier = (await attempt.implementation.findEarlier?.(step, input)) ?? null;
    if (earlier === null) effect.clear();
    return earlier;
  } catch (error) {
    if (!(error instanceof UnsureEffect)) throw effect.doubt(attempt.limit.explain(error));
    // The ledger knows that nothing was sent, or a person has looked where we cannot and asked for another try.
    if (!effect.isUncertain() || decided) return null;
    throw await effect.explain(error, { refusedForGood: true });
  }
};

/** The effect took place. Whatever goes wrong from here on must not lead to a second one. */
const settle = async (attempt: Attempt, effect: EffectAttempt, answer: unknown, redactor: Redactor): Promise<Kept> => {
  const { implementation, dependencies, request, limit } = attempt;
  let kept: Kept;
  try {
    const finished: FinishedOutput = finishOutput(answer, implementation.definition, redactor);
    kept = await untilAvailable(() => keepOutput(dependencies.values, request, finished), limit.signal);
  } catch (error) {
    await effect.explain(new UnsureEffect('The effect took place; its answer could not be kept.'), {
      refusedForGood: true,
    });
    throw new DoubtfulAttempt(error);
  }
  try {
    await effect.confirm(kept as unknown as Json);
  } catch (error) {
    // The result is known and about to be recorded in history: a missing ledger entry only makes a repeat unsure.
    attempt.log.error('effect not confirmed in the ledger', { reason: redactor.text(String(error)) });
  }
  return kept;
};

const toLimited = ({ orgId, flowId, runId, path, ordinal, connectionId }: ActivityInput): LimitedStep => ({
  orgId,
  flowId,
  nodeId: path.slice(path.lastIndexOf('.') + 1),
  connectionId,
  holder: `${runId}/${path}~${ordinal}`,
});

const findConnection = async (
  definition: AnyNodeDefinition,
  { connections }: ActivityDependencies,
  { orgId, connectionId }: ActivityInput,
) => {
  if (!definition.credential) return null;
  if (connectionId === null) {
    if (definition.credentialOptional) return null;
    throw new CommonFailure('connection_missing', `"${definition.title}" needs a connection and has none.`);
  }
  const connection = await connections.find(orgId, connectionId);
  if (!connection) throw new CommonFailure('connection_not_found', `The connection ${connectionId} does not exist.`);
  return connection;
};

/** What the step was given, or what its author's template gives over values that are kept outside of the run. */
const inputOf = async ({ values }: ActivityDependencies, { orgId, input, evaluate }: ActivityInput): Promise<Json> => {
  if (!evaluate) return input;
  const reply = await evaluateHere(values, orgId, evaluate);
  if (!reply.ok) throw new CommonFailure('expression_failed', toExpressionFailure(reply.error).message);
  return reply.value ?? null;
};

const parseInput = (definition: AnyNodeDefinition, input: Json): unknown => {
  const parsed = definition.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw new CommonFailure('invalid_input', issues.join('; '));
};

/** A person cancelled, or an operator paused or reset the activity: Temporal expects exactly this failure. */
const isCancellation = (context: Context): boolean => {
  const details = context.cancellationDetails;
  return Boolean(details?.cancelRequested || details?.paused || details?.reset);
};
