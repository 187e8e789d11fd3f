import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type Database, tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../../scripts/testing/test-database.ts';
import {
  additionalData,
  checkMasterKey,
  createKeyRing,
  createMasterKeyText,
  createSystemSeal,
  loadMasterKeys,
  type MasterKeys,
  moveToCurrentKey,
} from './index.ts';

let close: () => Promise<void>;
let db: Database;
let masterKeys: MasterKeys;
let orgId: string;

const newMasterKeys = (previous: readonly string[] = []) =>
  loadMasterKeys({ secretKey: createMasterKeyText(), previous });

const anOrg = async (): Promise<string> => {
  const id = `org_${randomBytes(16).toString('hex')}`;
  await withSystem(db, (tx) =>
    tx.insert(tables.organizations).values({ id, name: id, slug: id, createdAt: new Date() }),
  );
  return id;
};

beforeAll(async () => {
  const database = await createTestDatabase();
  db = createDatabase({ url: database.url, applicationName: 'encryption-test' });
  close = async () => {
    await db.$client.end();
    await database.close();
  };
});
afterAll(() => close());
beforeEach(async () => {
  masterKeys = newMasterKeys();
  orgId = await anOrg();
});

const value = { card: '4242 4242 4242 4242', note: 'naïve ✓' };
const runOutput = additionalData.runOutput('run_1');

describe('a key ring', () => {
  it('opens what it sealed, and the sealed bytes show nothing of it', async () => {
    const ring = createKeyRing({ db, masterKeys });
    const sealed = await ring.sealJson(orgId, value, runOutput);
    expect(Buffer.from(sealed).includes('4242')).toBe(false);
    expect(await ring.openJson(orgId, sealed, runOutput)).toEqual(value);
  });

  it('seals the same value differently each time', async () => {
    const ring = createKeyRing({ db, masterKeys });
    const first = await ring.sealJson(orgId, value, runOutput);
    expect(Buffer.from(await ring.sealJson(orgId, value, runOutput)).equals(first)).toBe(false);
  });

  it('uses no nonce twice', async () => {
    const ring = createKeyRing({ db, masterKeys });
    const sealed = await Promise.all(Array.from({ length: 2_000 }, () => ring.sealJson(orgId, value, runOutput)));
    const nonces = sealed.map((bytes) => Buffer.from(bytes.subarray(5, 17)).toString('hex'));
    expect(new Set(nonces).size).toBe(2_000);
  });

  it('stores the data key wrapped, and no key in plain', async () => {
    const ring = createKeyRing({ db, masterKeys });
    await ring.sealJson(orgId, value, runOutput);
    const [row] = await withSystem(db, (tx) => tx.select().from(tables.orgKeys).where(eq(tables.orgKeys.orgId, orgId)));
    expect(row).toMatchObject({ version: 1, masterKeyId: masterKeys.current.id, retiredAt: null });
    expect(row?.wrappedKey.length).toBe(12 + 32 + 16);
    expect(Buffer.from(row?.wrappedKey ?? []).includes(masterKeys.current.key.export())).toBe(false);
  });

  it('creates one data key when many ask for the first one at once', async () => {
    const rings = Array.from({ length: 8 }, () => createKeyRing({ db, masterKeys }));
    const sealed = await Promise.all(rings.map((ring) => ring.sealJson(orgId, value, runOutput)));
    const rows = await withSystem(db, (tx) => tx.select().from(tables.orgKeys).where(eq(tables.orgKeys.orgId, orgId)));
    expect(rows).toHaveLength(1);
    const reader = createKeyRing({ db, masterKeys });
    for (const bytes of sealed) expect(await reader.openJson(orgId, bytes, runOutput)).toEqual(value);
  });

  it('refuses a value that was moved to another row, column or org', async () => {
    const ring = createKeyRing({ db, masterKeys });
    const sealed = await ring.sealJson(orgId, value, runOutput);
    await expect(ring.open(orgId, sealed, additionalData.runOutput('run_2'))).rejects.toThrow('does not open');
    await expect(ring.open(orgId, sealed, additionalData.runTrigger('run_1'))).rejects.toThrow('does not open');
    const other = await anOrg();
    await ring.sealJson(other, value, runOutput);
    await expect(ring.open(other, sealed, runOutput)).rejects.toThrow('does not open');
  });

  it('refuses a value with any single bit changed', async () => {
    const ring = createKeyRing({ db, masterKeys });
    const sealed = await ring.seal(orgId, Buffer.from('pay 10 euro'), runOutput);
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      await expect(ring.open(orgId, changed, runOutput)).rejects.toThrow('does not open');
    }
    await expect(ring.open(orgId, sealed.subarray(0, 20), runOutput)).rejects.toThrow('does not open');
  });

  it('does not open with another master key, and says which one is missing', async () => {
    const sealed = await createKeyRing({ db, masterKeys }).sealJson(orgId, value, runOutput);
    const stranger = createKeyRing({ db, masterKeys: newMasterKeys() });
    await expect(stranger.open(orgId, sealed, runOutput)).rejects.toThrow(masterKeys.current.id);
  });

  it('recovers after a failed first load', async () => {
    const ring = createKeyRing({ db, masterKeys });
    const missing = `org_${'0'.repeat(32)}`;
    await expect(ring.sealJson(missing, value, runOutput)).rejects.toThrow();
    await expect(ring.sealJson(missing, value, runOutput)).rejects.toThrow();
    await withSystem(db, (tx) =>
      tx.insert(tables.organizations).values({ id: missing, name: 'late', slug: missing, createdAt: new Date() }),
    );
    expect(await ring.openJson(missing, await ring.sealJson(missing, value, runOutput), runOutput)).toEqual(value);
  });
});

describe('rotation', () => {
  it('seals with a new data key and still opens what the old one sealed', async () => {
    const ring = createKeyRing({ db, masterKeys });
    const old = await ring.sealJson(orgId, value, runOutput);
    expect(await ring.rotateDataKey(orgId)).toBe(2);
    const fresh = await ring.sealJson(orgId, value, runOutput);
    expect(Buffer.from(fresh).readUInt32BE(1)).toBe(2);
    const reader = createKeyRing({ db, masterKeys });
    expect(await reader.openJson(orgId, old, runOutput)).toEqual(value);
    expect(await reader.openJson(orgId, fresh, runOutput)).toEqual(value);
  });

  it("notices another process's rotation", async () => {
    const ring = createKeyRing({ db, masterKeys, refreshAfter: 0 });
    await ring.sealJson(orgId, value, runOutput);
    await createKeyRing({ db, masterKeys }).rotateDataKey(orgId);
    expect(Buffer.from(await ring.sealJson(orgId, value, runOutput)).readUInt32BE(1)).toBe(2);
  });

  it('wraps all data keys with a new master key, after which the old one is not needed', async () => {
    const oldText = createMasterKeyText();
    const before = loadMasterKeys({ secretKey: oldText });
    const newText = createMasterKeyText();
    const database = await createTestDatabase();
    const own = createDatabase({ url: database.url, applicationName: 'rotation-test' });
    try {
      await withSystem(own, (tx) =>
        tx.insert(tables.organizations).values({ id: orgId, name: 'o', slug: 'o', createdAt: new Date() }),
      );
      const sealed = await createKeyRing({ db: own, masterKeys: before }).sealJson(orgId, value, runOutput);
      const during = loadMasterKeys({ secretKey: newText, previous: [oldText] });
      expect(await createKeyRing({ db: own, masterKeys: during }).openJson(orgId, sealed, runOutput)).toEqual(value);
      expect(await moveToCurrentKey(own, during)).toEqual({ dataKeys: 1, systemValues: 0 });
      expect(await moveToCurrentKey(own, during)).toEqual({ dataKeys: 0, systemValues: 0 });
      const after = loadMasterKeys({ secretKey: newText });
      expect(await createKeyRing({ db: own, masterKeys: after }).openJson(orgId, sealed, runOutput)).toEqual(value);
    } finally {
      await own.$client.end();
      await database.close();
    }
  });
});

const freshDatabase = async (work: (own: Database) => Promise<void>) => {
  const database = await createTestDatabase();
  const own = createDatabase({ url: database.url, applicationName: 'check-test' });
  try {
    await work(own);
  } finally {
    await own.$client.end();
    await database.close();
  }
};

describe('what is sealed for people', () => {
  it('opens with a new master key alone once it was moved, and what no key opens is left', () =>
    freshDatabase(async (own) => {
      const oldText = createMasterKeyText();
      const newText = createMasterKeyText();
      const before = createSystemSeal(loadMasterKeys({ secretKey: oldText }));
      const foreign = createSystemSeal(newMasterKeys());
      const secretOf = additionalData.secondFactorSecret;
      const contentOf = additionalData.mailContent;
      await withSystem(own, async (tx) => {
        for (const id of ['ada', 'ben'])
          await tx.insert(tables.users).values({ id, name: id, email: `${id}@example.org` });
        await tx.insert(tables.secondFactors).values([
          { userId: 'ada', secretSealed: before.seal('secret of ada', secretOf('ada')) },
          { userId: 'ben', secretSealed: foreign.seal('secret of ben', secretOf('ben')) },
        ]);
        const mail = { kind: 'changed', recipient: 'ada@example.org', expiresAt: new Date(Date.now() + 60_000) };
        await tx.insert(tables.mails).values([
          { ...mail, id: 'waits', contentSealed: before.seal('a mail', contentOf('waits')) },
          { ...mail, id: 'sent', contentSealed: null, sentAt: new Date() },
        ]);
      });
      const during = loadMasterKeys({ secretKey: newText, previous: [oldText] });
      expect((await moveToCurrentKey(own, during)).systemValues).toBe(2);
      expect((await moveToCurrentKey(own, during)).systemValues).toBe(0);

      const after = createSystemSeal(loadMasterKeys({ secretKey: newText }));
      const { factors, mails } = await withSystem(own, async (tx) => ({
        factors: new Map((await tx.select().from(tables.secondFactors)).map((row) => [row.userId, row.secretSealed])),
        mails: new Map((await tx.select().from(tables.mails)).map((row) => [row.id, row.contentSealed])),
      }));
      expect(after.open(factors.get('ada') ?? new Uint8Array(), secretOf('ada'))).toBe('secret of ada');
      expect(after.open(mails.get('waits') ?? new Uint8Array(), contentOf('waits'))).toBe('a mail');
      expect(mails.get('sent')).toBeNull();
      expect(foreign.open(factors.get('ben') ?? new Uint8Array(), secretOf('ben'))).toBe('secret of ben');
    }));
});

describe('checkMasterKey', () => {
  it('records the first key, accepts it again and refuses another in one sentence', () =>
    freshDatabase(async (own) => {
      await checkMasterKey(own, masterKeys);
      await checkMasterKey(own, masterKeys);
      const wrong = newMasterKeys();
      const refusal = await checkMasterKey(own, wrong).catch((error: Error) => error.message);
      expect(refusal).toContain(`encrypted with master key ${masterKeys.current.id}`);
      expect(refusal).toContain('EVERWAVE_SECRET_KEY');
    }));

  it('accepts a new key beside the one it replaces, and alone once the data keys are re-wrapped', () =>
    freshDatabase(async (own) => {
      const oldText = createMasterKeyText();
      const newText = createMasterKeyText();
      await withSystem(own, (tx) =>
        tx.insert(tables.organizations).values({ id: orgId, name: 'o', slug: 'o', createdAt: new Date() }),
      );
      const old = loadMasterKeys({ secretKey: oldText });
      await checkMasterKey(own, old);
      await createKeyRing({ db: own, masterKeys: old }).sealJson(orgId, value, runOutput);
      const both = loadMasterKeys({ secretKey: newText, previous: [oldText] });
      await checkMasterKey(own, both);
      const alone = loadMasterKeys({ secretKey: newText });
      await expect(checkMasterKey(own, alone)).rejects.toThrow(old.current.id);
      await moveToCurrentKey(own, both);
      await checkMasterKey(own, alone);
    }));
});

describe('loadMasterKeys', () => {
  it('reads the key from a file when the variable is not set', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'everwave-key-')), 'secret.key');
    const text = createMasterKeyText();
    writeFileSync(file, `${text}\n`);
    expect(loadMasterKeys({ secretKeyFile: file }).current.id).toBe(loadMasterKeys({ secretKey: text }).current.id);
  });

  it.each([
    ['too short', Buffer.alloc(16).toString('base64')],
    ['too long', Buffer.alloc(33).toString('base64')],
    ['not base64', 'this is no key, it is a sentence of words!!'],
  ])('refuses a key that is %s without repeating it', (_name, text) => {
    expect(() => loadMasterKeys({ secretKey: text })).toThrow('EVERWAVE_SECRET_KEY must be base64 of exactly 32 bytes');
    expect(() => loadMasterKeys({ secretKey: text })).not.toThrow(text);
  });

  it('says what to do when there is no key, or its file is gone', () => {
    expect(() => loadMasterKeys({})).toThrow('set EVERWAVE_SECRET_KEY');
    expect(() => loadMasterKeys({ secretKeyFile: '/nowhere/key' })).toThrow('/nowhere/key does not exist');
  });
});
