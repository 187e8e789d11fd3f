import { randomUUID } from 'node:crypto';
import type { EffectClaim, EffectIntent } from '@everwave/activities/worker';
import { createDatabase, type Database, tables, withSystem } from '@everwave/schema/db';
import {
  additionalData,
  createKeyRing,
  createMasterKeyText,
  type KeyRing,
  loadMasterKeys,
} from '@everwave/temporal/encryption';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../scripts/testing/test-database.ts';
import { createCheckpointStore } from '../src/stores/checkpoint-store.ts';
import { createConnectionStore } from '../src/stores/connection-store.ts';
import { createEffectLedger } from '../src/stores/effect-ledger.ts';
import { createMeterStore } from '../src/stores/meter-store.ts';

const orgId = `org_${'1'.repeat(32)}`;
const otherOrg = `org_${'2'.repeat(32)}`;
let db: Database;
let ring: KeyRing;
let close: () => Promise<void>;

beforeAll(async () => {
  const database = await createTestDatabase();
  db = createDatabase({ url: database.url, applicationName: 'stores-test' });
  ring = createKeyRing({ db, masterKeys: loadMasterKeys({ secretKey: createMasterKeyText() }) });
  await withSystem(db, (tx) =>
    tx
      .insert(tables.organizations)
      .values([orgId, otherOrg].map((id) => ({ id, name: id, slug: id, createdAt: new Date() }))),
  );
  close = async () => {
    await db.$client.end();
    await database.close();
  };
});
afterAll(() => close());

const anIntent = (changes: Partial<EffectIntent> = {}): EffectIntent => ({
  orgId,
  effectKey: randomUUID(),
  runId: 'run_1',
  path: 'send',
  activity: 'email.send@1',
  requestHash: 'hash',
  ordinal: 1,
  ...changes,
});
const claim: EffectClaim = { ordinal: 1, at: 1_000, keyExpiresAt: 9_000 };

describe('the effect ledger', () => {
  const ledger = () => createEffectLedger(db, ring);

  it('writes an intent once, and gives whoever comes later the row as it stands', async () => {
    const intent = anIntent();
    const first = await ledger().begin(intent, null);
    const second = await ledger().begin({ ...intent, requestHash: 'another' }, claim);
    expect(first).toMatchObject({ created: true, record: { state: 'intent', attempt: 0, firstSentAt: null } });
    expect(second).toMatchObject({ created: false, record: { state: 'intent', attempt: 0, requestHash: 'hash' } });
  });

  it('writes intent and sending in one commit', async () => {
    expect(await ledger().begin(anIntent(), claim)).toEqual({
      created: true,
      record: { requestHash: 'hash', state: 'sent', attempt: 1, ordinal: 1, firstSentAt: 1_000, keyExpiresAt: 9_000 },
    });
  });

  it('takes a new effect of a restored run for sent, from the moment of the backup on, and of no later run', async () => {
    const takenAt = new Date('2026-11-21T00:00:00Z');
    const restoredAt = new Date('2026-11-21T06:00:00Z');
    const run = {
      orgId,
      flowId: 'flow_1',
      flowVersion: 1,
      planHash: 'h',
      triggerNodeId: 'hook',
      triggerKind: 'trigger.webhook',
      triggerSealed: new Uint8Array([1]),
    };
    const runRow = (id: string, createdAt: Date) => ({
      ...run,
      id,
      rootRunId: id,
      workflowId: `t/1/r/${id}`,
      createdAt,
    });
    await withSystem(db, async (tx) => {
      await tx.insert(tables.restores).values({ takenAt, restoredAt, leavesDoubt: true, release: '1' });
      await tx
        .insert(tables.runs)
        .values([runRow('old', takenAt), runRow('new', new Date('2026-11-21T06:00:00.001Z'))]);
    });
    try {
      const restored = ledger();
      const old = anIntent({ runId: 'old' });
      const doubtful = { created: false, record: { state: 'sent', attempt: 1, firstSentAt: takenAt.getTime() } };
      expect(await restored.begin(old, claim)).toMatchObject({
        ...doubtful,
        record: { ...doubtful.record, keyExpiresAt: takenAt.getTime() + 8_000, lost: true },
      });
      expect(await restored.begin(old, claim)).toMatchObject(doubtful);
      expect(await restored.begin(anIntent({ runId: 'unknown' }), null)).toMatchObject({
        ...doubtful,
        record: { ...doubtful.record, lost: true },
      });
      expect(await restored.begin(anIntent({ runId: 'new' }), null)).toMatchObject({
        created: true,
        record: { state: 'intent' },
      });
      // A move leaves no doubt.
      await withSystem(db, (tx) => tx.update(tables.restores).set({ leavesDoubt: false }));
      expect(await ledger().begin(anIntent({ runId: 'old' }), null)).toMatchObject({ created: true });
    } finally {
      await withSystem(db, (tx) => tx.delete(tables.restores));
    }
  });

  it('lets one of many attempts send, and keeps the time of the first sending', async () => {
    const intent = anIntent();
    await ledger().begin(intent, claim);
    const tries = Array.from({ length: 8 }, () =>
      ledger().markSent(intent, { ordinal: 2, at: 5_000, keyExpiresAt: 99_000, seenAttempt: 1 }),
    );
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    const { record } = await ledger().begin(intent, null);
    expect(record).toMatchObject({ state: 'sent', attempt: 2, ordinal: 2, firstSentAt: 1_000, keyExpiresAt: 9_000 });
  });

  it('keeps the first confirmed result, sealed, and sends no more', async () => {
    const intent = anIntent();
    await ledger().begin(intent, claim);
    await ledger().confirm(intent, { result: { id: 'canary' }, ordinal: 1 });
    await ledger().confirm(intent, { result: { id: 'other' }, ordinal: 2 });
    await ledger().settle(intent, { state: 'failed', attempt: 1, ordinal: 1 });
    expect(await ledger().markSent(intent, { ...claim, seenAttempt: 1 })).toBe(false);
    const { record } = await ledger().begin(intent, null);
    expect(record).toMatchObject({ state: 'confirmed', result: { id: 'canary' }, ordinal: 1 });
    const [row] = await withSystem(db, (tx) =>
      tx.select().from(tables.effects).where(eq(tables.effects.effectKey, intent.effectKey)),
    );
    expect(Buffer.from(row?.resultSealed ?? []).includes('canary')).toBe(false);
  });

  it('ignores how an older attempt ended', async () => {
    const intent = anIntent();
    await ledger().begin(intent, claim);
    await ledger().markSent(intent, { ...claim, seenAttempt: 1 });
    await ledger().settle(intent, { state: 'intent', attempt: 1, ordinal: 1 });
    expect((await ledger().begin(intent, null)).record.state).toBe('sent');
    await ledger().settle(intent, { state: 'unsure', attempt: 2, ordinal: 1 });
    expect((await ledger().begin(intent, null)).record.state).toBe('unsure');
  });

  it('keeps the same key of two orgs apart', async () => {
    const intent = anIntent();
    await ledger().begin(intent, claim);
    expect(await ledger().begin({ ...intent, orgId: otherOrg }, null)).toMatchObject({ created: true });
  });
});

describe('checkpoints', () => {
  it('keep the value that was stored first, sealed', async () => {
    const store = createCheckpointStore(db, ring);
    const effect = { orgId, effectKey: randomUUID() };
    expect(await store.find(effect, 'signed')).toBeUndefined();
    const saved = await Promise.all([1, 2, 3].map((value) => store.save(effect, 'signed', { value })));
    expect(new Set(saved.map((value) => JSON.stringify(value))).size).toBe(1);
    expect(await store.find(effect, 'signed')).toEqual(saved[0]);
    expect(await store.find({ ...effect, orgId: otherOrg }, 'signed')).toBeUndefined();
  });
});

describe('connections', () => {
  it('open for their own org only', async () => {
    const id = `conn_${'3'.repeat(32)}`;
    const secretSealed = await ring.sealJson(orgId, { token: 't' }, additionalData.connectionSecret(orgId, id));
    await withSystem(db, (tx) =>
      tx
        .insert(tables.connections)
        .values({ id, orgId, name: 'Slack', kind: 'slack.bot', settings: { a: 1 }, secretSealed }),
    );
    const store = createConnectionStore(db, ring);
    expect(await store.find(orgId, id)).toEqual({
      id,
      name: 'Slack',
      kind: 'slack.bot',
      settings: { a: 1 },
      secret: { token: 't' },
    });
    expect(await store.find(otherOrg, id)).toBeNull();
  });
});

describe('meters', () => {
  it('store a reading once', async () => {
    const reading = {
      orgId,
      flowId: 'flow_1',
      runId: `run_${'4'.repeat(32)}`,
      path: 'send',
      ordinal: 1,
      attempt: 1,
      attemptAt: Date.now(),
      activity: 'email.send@1',
      meter: 'bytes',
      unit: 'byte',
      amount: 12.5,
    };
    const store = createMeterStore(db);
    await store.record([reading]);
    await store.record([reading]);
    await store.record([]);
    const rows = await withSystem(db, (tx) => tx.select().from(tables.runMeters));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ meter: 'bytes', amount: '12.5' });

    // The service asked to wait after it had charged: the attempt begins once more, with the same number.
    await store.record([{ ...reading, attemptAt: reading.attemptAt + 1 }]);
    expect(await withSystem(db, (tx) => tx.select().from(tables.runMeters))).toHaveLength(2);
  });
});
