import type { Json } from '@everwave/schema/flow';
import type { Safety } from './implement-node.ts';
import type { EffectIntent, EffectRecord } from './ports.ts';

/** What an attempt may do, given what the ledger knows. */
export type EffectDecision =
  | { readonly do: 'return'; readonly result: Json }
  /** `repeats`: an earlier attempt may have had the effect, and acting again is allowed. */
  | { readonly do: 'send'; readonly repeats: boolean }
  /** Ask the vendor first. `decided`: a person has looked and asked for another try, so only a find prevents it. */
  | { readonly do: 'look'; readonly decided: boolean }
  | { readonly do: 'stop'; readonly failure: 'effect_conflict' | 'effect_unsure'; readonly message: string };

/** A key is trusted for this part of its life: clocks differ, and a request takes time to arrive. */
const trustedShare = 0.8;

export const decideEffect = (
  record: EffectRecord,
  {
    intent,
    safety,
    attempt,
    now,
    begunAgain,
  }: {
    readonly intent: EffectIntent;
    readonly safety: Safety;
    readonly attempt: number;
    readonly now: number;
    /** The ordinal rose with a frame around the step: nobody was told of this effect. */
    readonly begunAgain: boolean;
  },
): EffectDecision => {
  if (record.requestHash !== intent.requestHash) {
    return {
      do: 'stop',
      failure: 'effect_conflict',
      message: 'This step has an effect on record with other content than it is asked to send now.',
    };
  }
  if (record.state === 'confirmed') return { do: 'return', result: record.result ?? null };
  if (record.state === 'cancelled') return unsure('The effect was cancelled by a person.');

  const open = record.state === 'sent' || record.state === 'unsure';
  // The step's own ordinal rises only when a person, who was told that it is unclear, asks for another try.
  const decided = open && intent.ordinal > record.ordinal && !begunAgain;
  switch (safety.by) {
    case 'lookup':
      return open || attempt > 1 ? { do: 'look', decided } : { do: 'send', repeats: false };
    case 'nobody':
      if (!open || decided) return { do: 'send', repeats: open };
      return unsure(
        record.lost
          ? 'This run was restored from a backup: it may have been sent before, and nobody can be asked.'
          : 'An earlier attempt may have sent it, and nobody can be asked.',
      );
    case 'provider-key':
      if (!open || decided || !isKeyTooOld(record, now)) return { do: 'send', repeats: open };
      return unsure('An earlier attempt may have sent it, and the service may have forgotten its key by now.');
    case 'at-least-once':
    case 'checkpoint':
    case 'nature':
      return { do: 'send', repeats: open };
  }
};

const unsure = (message: string): EffectDecision => ({ do: 'stop', failure: 'effect_unsure', message });

const isKeyTooOld = ({ firstSentAt, keyExpiresAt }: EffectRecord, now: number): boolean =>
  firstSentAt !== null && keyExpiresAt !== null && now > firstSentAt + trustedShare * (keyExpiresAt - firstSentAt);
