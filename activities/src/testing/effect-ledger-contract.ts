import { beforeEach, describe, expect, it } from 'vitest';
import type { EffectIntent, EffectLedger } from '../runtime/ports.ts';

/**
 * What every effect ledger has to do, whatever it stores in: run it against each adapter. `create` gives a ledger and
 * an effect that it has not seen yet.
 */
export const describeEffectLedger = (
  name: string,
  create: () => Promise<{ readonly ledger: EffectLedger; readonly intent: EffectIntent }>,
): void => {
  describe(name, () => {
    let ledger: EffectLedger;
    let intent: EffectIntent;
    beforeEach(async () => {
      ({ ledger, intent } = await create());
    });
    const at = Date.parse('2026-11-21T12:00:00Z');
    const claim = { ordinal: 1, at, keyExpiresAt: at + 1000 };
    const current = async () => (await ledger.begin(intent, null)).record;

    it('writes the intent once and returns it ever after', async () => {
      const first = await ledger.begin(intent, null);
      expect(first).toMatchObject({
        created: true,
        record: {
          requestHash: intent.requestHash,
          state: 'intent',
          attempt: 0,
          ordinal: 1,
          firstSentAt: null,
          keyExpiresAt: null,
        },
      });
      const second = await ledger.begin({ ...intent, requestHash: 'another', ordinal: 2 }, claim);
      expect(second).toMatchObject({
        created: false,
        record: { requestHash: intent.requestHash, state: 'intent', ordinal: 1 },
      });
    });

    it('writes an effect as sent in one go', async () => {
      expect(await ledger.begin(intent, claim)).toMatchObject({
        created: true,
        record: { state: 'sent', attempt: 1, firstSentAt: at, keyExpiresAt: at + 1000 },
      });
    });

    it('lets one of many racing attempts create it', async () => {
      const races = await Promise.all(Array.from({ length: 8 }, () => ledger.begin(intent, claim)));
      expect(races.filter(({ created }) => created)).toHaveLength(1);
    });

    it('lets one of many racing attempts send it, and keeps the first moment', async () => {
      await ledger.begin(intent, claim);
      const races = await Promise.all(
        Array.from({ length: 8 }, () =>
          ledger.markSent(intent, { ordinal: 2, at: at + 50, keyExpiresAt: null, seenAttempt: 1 }),
        ),
      );
      expect(races.filter(Boolean)).toHaveLength(1);
      expect(await current()).toMatchObject({
        state: 'sent',
        attempt: 2,
        ordinal: 2,
        firstSentAt: at,
        keyExpiresAt: at + 1000,
      });
    });

    it('keeps the first confirmed result, and takes it over any doubt', async () => {
      await ledger.begin(intent, claim);
      await ledger.settle(intent, { state: 'unsure', attempt: 1, ordinal: 1 });
      await ledger.confirm(intent, { result: { id: 'first', list: [1, null] }, ordinal: 1 });
      await ledger.confirm(intent, { result: { id: 'second' }, ordinal: 1 });
      await ledger.settle(intent, { state: 'failed', attempt: 1, ordinal: 1 });
      expect(await current()).toMatchObject({ state: 'confirmed', result: { id: 'first', list: [1, null] } });
      expect(await ledger.markSent(intent, { ...claim, seenAttempt: 1 })).toBe(false);
    });

    it.each(['intent', 'failed', 'unsure'] as const)(
      'settles as %s for the attempt that sent it, and for no other',
      async (state) => {
        await ledger.begin(intent, claim);
        await ledger.markSent(intent, { ...claim, seenAttempt: 1 });
        await ledger.settle(intent, { state, attempt: 1, ordinal: 1 });
        expect(await current()).toMatchObject({ state: 'sent', attempt: 2 });
        await ledger.settle(intent, { state, attempt: 2, ordinal: 3 });
        expect(await current()).toMatchObject({ state, attempt: 2, ordinal: 3 });
        expect(await ledger.markSent(intent, { ...claim, seenAttempt: 2 })).toBe(true);
      },
    );
  });
};
