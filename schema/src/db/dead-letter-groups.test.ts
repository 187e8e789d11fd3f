import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../scripts/testing/test-database.ts';
import { changeGroup, countOpenLetters, noteDeadLetterGroups, writeAlerts } from './dead-letter-groups.ts';
import { createDatabase, type Database, tables, withSystem } from './index.ts';

const { alertChannels, alerts, deadLetterGroups, deadLetters } = tables;
const orgA = `org_${'a'.repeat(32)}`;
const orgB = `org_${'b'.repeat(32)}`;
const group = { orgId: orgA, fingerprint: 'f'.repeat(64), flowId: 'flow_1', stepId: 'send', failureName: 'refused' };
let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createDatabase({ url: database.url, applicationName: 'dead-letter-groups-test' });
  await withSystem(db, (tx) =>
    tx
      .insert(tables.organizations)
      .values([orgA, orgB].map((id) => ({ id, name: id, slug: id, createdAt: new Date() }))),
  );
});
beforeEach(() =>
  withSystem(db, async (tx) => {
    for (const table of [alerts, alertChannels, deadLetters, deadLetterGroups]) await tx.delete(table);
  }),
);
afterAll(async () => {
  await db.$client.end();
  await database.close();
});

const addChannel = (id: string, changes: Partial<typeof alertChannels.$inferInsert> = {}) =>
  withSystem(db, (tx) =>
    tx.insert(alertChannels).values({
      id,
      orgId: orgA,
      name: id,
      kind: 'webhook',
      settings: {},
      quietSeconds: 3_600,
      secretSealed: new Uint8Array([1]),
      ...changes,
    }),
  );

/** A letter enters the inbox, or leaves it, and its group is told in the same transaction. */
const openLetter = (id: string, message = 'No.') =>
  withSystem(db, async (tx) => {
    await tx.insert(deadLetters).values({
      ...group,
      id,
      runId: `run_${id}`,
      path: 'send',
      ordinal: 1,
      failure: { name: group.failureName, message },
      attempts: 3,
    });
    await noteDeadLetterGroups(tx, [group, group]);
  });
const closeLetter = (id: string, how: Partial<typeof deadLetters.$inferInsert>) =>
  withSystem(db, async (tx) => {
    await tx.update(deadLetters).set(how).where(eq(deadLetters.id, id));
    await noteDeadLetterGroups(tx, [group]);
  });
const resolve = (id: string) => closeLetter(id, { resolvedAt: new Date(), resolution: 'retried' });
const dismiss = (id: string) => closeLetter(id, { dismissedAt: new Date(), dismissalReason: 'Known.' });

const read = async () => {
  const [row] = await withSystem(db, (tx) =>
    tx.select().from(deadLetterGroups).where(eq(deadLetterGroups.orgId, orgA)),
  );
  return { isOpen: row?.openSince != null, isEmptied: row?.emptiedAt != null };
};
const readAlerts = () =>
  withSystem(db, (tx) =>
    tx
      .select({ channel: alerts.channelId, event: alerts.event, body: alerts.body })
      .from(alerts)
      .orderBy(alerts.channelId),
  );

describe('a group of dead letters', () => {
  it('opens with its first letter, and tells every channel of its org that is on, once', async () => {
    await addChannel('mail');
    await addChannel('slack');
    await addChannel('off', { isOn: false });
    await addChannel('foreign', { orgId: orgB });
    await openLetter('one', 'The card was refused.');
    await openLetter('two');
    expect(await read()).toEqual({ isOpen: true, isEmptied: false });
    const said = await readAlerts();
    expect(said.map(({ channel, event }) => `${channel} ${event}`)).toEqual(['mail opened', 'slack opened']);
    expect(said[0]?.body).toMatchObject({
      flowId: 'flow_1',
      stepId: 'send',
      failureName: 'refused',
      failureMessage: 'The card was refused.',
      open: 1,
      total: 1,
    });
  });

  it('is emptied when the last letter leaves, whichever way, and goes on when one comes before that was told', async () => {
    await openLetter('one');
    await openLetter('two');
    await resolve('one');
    expect(await read()).toEqual({ isOpen: true, isEmptied: false });
    await dismiss('two');
    expect(await read()).toEqual({ isOpen: true, isEmptied: true });
    expect(await withSystem(db, (tx) => countOpenLetters(tx, group))).toBe(0);
    await openLetter('three');
    expect(await read()).toEqual({ isOpen: true, isEmptied: false });
    expect(await withSystem(db, (tx) => countOpenLetters(tx, group))).toBe(1);
  });

  it('opens anew, and says so, once people were told that it is over', async () => {
    await addChannel('mail');
    await openLetter('one');
    await resolve('one');
    await withSystem(db, (tx) => changeGroup(tx, group, { openSince: null, emptiedAt: null }));
    await openLetter('two');
    expect((await readAlerts()).map(({ event, body }) => [event, body])).toMatchObject([
      ['opened', { open: 1, total: 1 }],
      ['opened', { open: 1, total: 2 }],
    ]);
  });

  it('tells one channel alone where that is named', async () => {
    await addChannel('mail');
    await addChannel('slack');
    await withSystem(db, (tx) => writeAlerts(tx, group, 'growing', 'slack'));
    expect((await readAlerts()).map(({ channel, event }) => `${channel} ${event}`)).toEqual(['slack growing']);
  });

  it('has no alert without its letter: both are undone together', async () => {
    await addChannel('mail');
    const work = withSystem(db, async (tx) => {
      await tx.insert(deadLetters).values({
        ...group,
        id: 'lost',
        runId: 'run_lost',
        path: 'send',
        ordinal: 1,
        failure: { name: 'refused', message: 'No.' },
        attempts: 1,
      });
      await noteDeadLetterGroups(tx, [group]);
      throw new Error('The process died here.');
    });
    await expect(work).rejects.toThrow('died here');
    expect(await readAlerts()).toEqual([]);
    const left = await withSystem(db, (tx) =>
      tx.select().from(deadLetterGroups).where(eq(deadLetterGroups.orgId, orgA)),
    );
    expect(left).toEqual([]);
  });

  it('is noted by transactions that name their groups in different orders, without a deadlock', async () => {
    const other = { ...group, fingerprint: '0'.repeat(64) };
    const note = (groups: readonly (typeof group)[]) => withSystem(db, (tx) => noteDeadLetterGroups(tx, groups));
    await Promise.all(Array.from({ length: 10 }, (_, index) => note(index % 2 ? [group, other] : [other, group])));
    const rows = await withSystem(db, (tx) => tx.select().from(deadLetterGroups));
    expect(rows).toHaveLength(2);
  });
});
