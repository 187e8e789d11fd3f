import { createHash } from 'node:crypto';
import type { Json } from '@everwave/schema/flow';
import type { ActivityInput } from '@everwave/schema/run';
import { decideEffect, type EffectDecision } from './effect-decision.ts';
import { toMilliseconds } from './duration.ts';
import type { Safety } from './implement-node.ts';
import {
  AddressRefused,
  AskedToWait,
  CommonFailure,
  DoubtfulAttempt,
  NodeFailure,
  NotConnected,
  UnsureEffect,
} from './node-errors.ts';
import type { EffectIntent, EffectLedger } from './ports.ts';

/** Names one effect for ever: retries, crashes, redelivery and continue-as-new keep it; an edited input changes it. */
export const effectKeyOf = (input: Pick<ActivityInput, 'orgId' | 'rootRunId' | 'path' | 'generation'>): string =>
  sha256(JSON.stringify([input.orgId, input.rootRunId, input.path, input.generation]));

/** What is asked for, so that one key can never stand for two requests. */
export const requestHashOf = (request: { activity: string; connectionId: string | null; input: Json }): string =>
  sha256(canonical({ ...request }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** JSON with sorted keys: the same value always gives the same text. */
const canonical = (value: Json): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const sorted = entries.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
};

/** One attempt's hold on its effect. */
export interface EffectAttempt {
  readonly decision: EffectDecision;
  readonly firstSentAt: number | null;
  /** Commits `sent`. Throws when another attempt went first. Calling it again does nothing. */
  sending(): Promise<void>;
  confirm(result: Json): Promise<void>;
  /** Settles the ledger after a failed `run` and returns the error to end the attempt with. */
  explain(error: unknown, options: { readonly refusedForGood: boolean }): Promise<Error>;
  /** The same error, marked when an earlier attempt may have had the effect. */
  doubt(error: unknown): Error;
  /** True while an earlier attempt may have had the effect. */
  isUncertain(): boolean;
  /** A look-up found nothing and could not have missed it: what an earlier attempt sent never arrived. */
  clear(): void;
}

export const openEffect = async (options: {
  readonly ledger: EffectLedger;
  readonly intent: EffectIntent;
  readonly safety: Safety;
  readonly attempt: number;
  /** The ordinal rose with a frame around the step, not because a person looked at this effect. */
  readonly begunAgain: boolean;
  /** True when `run` announces its sending itself. */
  readonly announces: boolean;
  readonly now: () => number;
}): Promise<EffectAttempt> => {
  const { ledger, intent, safety, attempt, begunAgain, announces, now } = options;
  const claimAt = (at: number) => ({
    ordinal: intent.ordinal,
    at,
    keyExpiresAt:
      safety.by === 'provider-key' && safety.keyLife !== undefined ? at + toMilliseconds(safety.keyLife) : null,
  });
  const looksFirst = safety.by === 'lookup' && attempt > 1;

  const { created, record } = await ledger.begin(intent, announces || looksFirst ? null : claimAt(now()));
  const decision = created
    ? ({ do: looksFirst ? 'look' : 'send', repeats: false, decided: false } as const)
    : decideEffect(record, { intent, safety, attempt, now: now(), begunAgain });

  let sends = record.attempt;
  let sent = created && record.state === 'sent';
  let uncertain = !created && (record.state === 'sent' || record.state === 'unsure');
  /** Without it the row stays `sent`, which every later attempt takes for unsure: safe, so the failure itself matters more. */
  const settle = (state: 'intent' | 'failed' | 'unsure') =>
    ledger.settle(intent, { state, attempt: sends, ordinal: intent.ordinal }).catch(() => undefined);

  return {
    decision,
    firstSentAt: record.firstSentAt,
    isUncertain: () => uncertain,
    doubt: (error) => (uncertain ? new DoubtfulAttempt(error) : toError(error)),
    clear: () => {
      uncertain = false;
    },
    async sending() {
      if (sent) return;
      if (!(await ledger.markSent(intent, { ...claimAt(now()), seenAttempt: sends }))) {
        throw new CommonFailure('attempt_overtaken', 'Another attempt of this step is sending at this moment.');
      }
      sends += 1;
      sent = true;
    },
    confirm: (result) => ledger.confirm(intent, { result, ordinal: intent.ordinal }),
    async explain(error, { refusedForGood }) {
      if (error instanceof UnsureEffect) {
        await settle('unsure');
        return error;
      }
      if (!sent || isRefusal(error)) {
        if (uncertain) return new DoubtfulAttempt(error);
        if (sent) await settle(refusedForGood ? 'failed' : 'intent');
        return toError(error);
      }
      if (safety.by === 'nobody') {
        await settle('unsure');
        return new UnsureEffect(`It may have been sent: ${toError(error).message}`, { cause: error });
      }
      return new DoubtfulAttempt(error);
    },
  };
};

/** Nothing was done by this attempt. */
const isRefusal = (error: unknown): boolean =>
  (error instanceof NodeFailure && !error.mayHaveHappened) ||
  error instanceof AskedToWait ||
  error instanceof AddressRefused ||
  error instanceof NotConnected ||
  (error instanceof CommonFailure && error.failure === 'attempt_overtaken');

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
