import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAlertSender, type AlertSender } from '@everwave/activities/worker';
import { type MailFake, startMailFake } from '@everwave/activities/fakes';
import { createDatabase, type Database, tables, withSystem } from '@everwave/schema/db';
import {
  additionalData,
  createKeyRing,
  createMasterKeyText,
  type KeyRing,
  loadMasterKeys,
} from '@everwave/temporal/encryption';
import { createLogger } from '@everwave/temporal/logger';
import { asc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../scripts/testing/test-database.ts';
import { deliverAlerts } from '../src/alerts/deliver-alerts.ts';
import { noteChanges } from '../src/alerts/note-changes.ts';
import type { Entry } from '../src/projection/entry.ts';
import { writeEntries } from '../src/projection/write-entries.ts';

const { alertChannels, alerts } = tables;
const flowId = `flow_${'f'.repeat(32)}`;
const signingSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const logger = createLogger({ service: 'test', level: 'silent' });

interface Received {
  readonly path: string;
  readonly id: string | undefined;
  readonly body: { readonly type?: string; readonly text?: string; readonly data?: Record<string, unknown> };
}

let db: Database;
let ring: KeyRing;
let close: () => Promise<void>;
let server: Server;
let host: string;
let mail: MailFake;
let sender: AlertSender;
let orgId: string;
let received: Received[];
/** Statuses that the next messages are answered with. */
let answers: number[];
let runs = 0;

beforeAll(async () => {
  const database = await createTestDatabase();
  db = createDatabase({ url: database.url, applicationName: 'alerts-test' });
  ring = createKeyRing({ db, masterKeys: loadMasterKeys({ secretKey: createMasterKeyText() }) });
  close = async () => {
    await db.$client.end();
    await database.close();
  };
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const id = request.headers['webhook-id'] as string | undefined;
      received.push({ path: request.url ?? '', id, body: JSON.parse(Buffer.concat(chunks).toString()) });
      response.writeHead(answers.shift() ?? 200).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  mail = await startMailFake();
  sender = createAlertSender({ allow: [host, `127.0.0.1:${mail.smtpPort}`] });
});
afterAll(async () => {
  await sender.close();
  await mail.close();
  server.close();
  await close();
});

beforeEach(async () => {
  received = [];
  answers = [];
  await withSystem(db, async (tx) => {
    await tx.delete(alertChannels);
    await tx.delete(tables.deadLetterGroups);
  });
  orgId = `org_${randomBytes(16).toString('hex')}`;
  await withSystem(db, (tx) => tx.insert(tables.organizations).values({ id: orgId, name: orgId, slug: orgId }));
  await withSystem(db, (tx) =>
    tx
      .insert(tables.flows)
      .values({ id: `${flowId}${orgId}`, orgId, name: 'Orders', draft: { nodes: [], edges: [] } as never }),
  );
});

const addChannel = async (kind: 'slack' | 'webhook', path = `/${kind}`, at = host): Promise<string> => {
  const id = `chan_${orgId.slice(4)}_${kind}${path}`;
  const secret = { url: `http://${at}${path}`, ...(kind === 'webhook' ? { secret: signingSecret } : {}) };
  const secretSealed = await ring.sealJson(orgId, secret, additionalData.alertChannelSecret(orgId, id));
  await withSystem(db, (tx) =>
    tx.insert(alertChannels).values({ id, orgId, name: id, kind, settings: {}, secretSealed }),
  );
  return id;
};

/** A run parks at `send`, as a worker reports it. */
const park = async (): Promise<string> => {
  runs += 1;
  const runId = `run_${String(runs).padStart(32, '0')}`;
  await withSystem(db, (tx) =>
    tx.insert(tables.runs).values({
      id: runId,
      orgId,
      flowId: `${flowId}${orgId}`,
      flowVersion: 1,
      planHash: 'hash',
      status: 'running',
      triggerNodeId: 'start',
      triggerKind: 'trigger.manual',
      rootRunId: runId,
      workflowId: runId,
      triggerSealed: new Uint8Array(),
    }),
  );
  await report(runId, {
    kind: 'step',
    temporalRunId: 't',
    transition: {
      path: 'send',
      stepId: 'send',
      ordinal: 1,
      status: 'needs_attention',
      seq: 1,
      at: Date.now(),
      failure: { name: 'http_error', message: 'The shop answered 403.' },
    },
  });
  return runId;
};

type Part<Each> = Each extends Entry ? Omit<Each, 'run'> : never;
const report = (runId: string, entry: Part<Entry>) =>
  writeEntries({ db, ring }, [{ ...entry, run: { orgId, runId, flowId: `${flowId}${orgId}` } } as Entry]);
const skip = (runId: string) =>
  report(runId, {
    kind: 'repair',
    repair: { action: 'skipStep', path: 'send' },
    by: { userId: 'u', name: 'Ada', role: 'operator' },
    at: Date.now(),
  });

const written = () =>
  withSystem(db, (tx) => tx.select().from(alerts).where(eq(alerts.orgId, orgId)).orderBy(asc(alerts.createdAt)));
const events = async () => (await written()).map(({ event }) => event);
const later = (seconds: number) =>
  withSystem(db, async (tx) => {
    const past = sql`make_interval(secs => ${seconds})`;
    await tx.update(alerts).set({ createdAt: sql`${alerts.createdAt} - ${past}`, nextAttemptAt: sql`now()` });
    await tx.update(alertChannels).set({ createdAt: sql`${alertChannels.createdAt} - ${past}` });
    const { deadLetterGroups: groups } = tables;
    await tx
      .update(groups)
      .set({ openSince: sql`${groups.openSince} - ${past}`, emptiedAt: sql`${groups.emptiedAt} - ${past}` });
  });
const work = async () => {
  await noteChanges(db, 60_000);
  await deliverAlerts({ db, ring, logger, sender, webUrl: 'https://flows.example' });
};

describe('an alert', () => {
  it('is written with the first letter of a group, for each channel, and not with the others', async () => {
    await addChannel('slack');
    await addChannel('webhook');
    await park();
    await park();
    await park();
    expect(await events()).toEqual(['opened', 'opened']);
    await work();
    const [slack] = received.filter(({ path }) => path === '/slack');
    expect(slack?.body.text).toMatch(
      /^\*Orders: 1 run waits for a person\*\nOrders, step send: http_error. The shop answered 403.\n<https:\/\/flows.example\/attention\/[0-9a-f]{64}>$/,
    );
    const [webhook] = received.filter(({ path }) => path === '/webhook');
    expect(webhook?.body).toMatchObject({ type: 'dead_letters.opened', data: { open: 1, failureName: 'http_error' } });
    await work();
    expect(received).toHaveLength(2);
  });

  it('comes again after the quiet time while the group grows, and not when it does not', async () => {
    await addChannel('webhook');
    await park();
    await work();
    await park();
    await work();
    expect(await events()).toEqual(['opened']);
    await later(3_601);
    await work();
    expect(await events()).toEqual(['opened', 'growing']);
    expect(received.at(-1)?.body).toMatchObject({ type: 'dead_letters.growing', data: { open: 2, total: 2 } });
    await later(3_601);
    await work();
    expect(await events()).toEqual(['opened', 'growing']);
  });

  it('says that it is over when the group has stayed empty for a while', async () => {
    await addChannel('webhook');
    const first = await park();
    await skip(first);
    await work();
    // It fills again before it counted as empty: no news.
    const second = await park();
    await later(61);
    await work();
    expect(await events()).toEqual(['opened']);
    await skip(second);
    await later(61);
    await work();
    await work();
    expect(await events()).toEqual(['opened', 'resolved']);
    await park();
    expect(await events()).toEqual(['opened', 'resolved', 'opened']);
  });

  it('does not exist without its letter', async () => {
    await addChannel('webhook');
    await park();
    const [alert] = await written();
    const letters = await withSystem(db, (tx) =>
      tx.select().from(tables.deadLetters).where(eq(tables.deadLetters.orgId, orgId)),
    );
    expect(letters).toHaveLength(1);
    expect(alert?.fingerprint).toBe(letters[0]?.fingerprint);
  });
});

describe('delivery', () => {
  it('tries again under the same id until the other side takes it', async () => {
    const id = await addChannel('webhook');
    await park();
    answers = [500, 503];
    await work();
    const [channel] = await withSystem(db, (tx) => tx.select().from(alertChannels).where(eq(alertChannels.id, id)));
    expect(channel?.lastError).toBe(`${host} answered 500.`);
    await later(0);
    await work();
    await later(0);
    await work();
    expect(received).toHaveLength(3);
    expect(new Set(received.map((each) => each.id)).size).toBe(1);
    expect((await written())[0]).toMatchObject({ attempts: 3, lastError: null, deliveredAt: expect.any(Date) });
  });

  it('is done by one of several workers', async () => {
    await addChannel('webhook');
    await park();
    await Promise.all([work(), work(), work()]);
    expect(received).toHaveLength(1);
  });

  it('is taken over from a worker that died with it', async () => {
    await addChannel('webhook');
    await park();
    await withSystem(db, (tx) =>
      tx.update(alerts).set({ attempts: 1, nextAttemptAt: sql`now() + interval '1 minute'` }),
    );
    await work();
    expect(received).toHaveLength(0);
    await later(0);
    await work();
    expect(received).toHaveLength(1);
  });

  it('keeps to the egress guard, and tells nothing of the address', async () => {
    const id = await addChannel('webhook', '/secret-part', '169.254.169.254:80');
    await park();
    await work();
    const [channel] = await withSystem(db, (tx) => tx.select().from(alertChannels).where(eq(alertChannels.id, id)));
    expect(channel?.lastError).toMatch(/not a public address/);
    expect(channel?.lastError).not.toContain('secret-part');
  });

  it('sends mail over a connection of the org, under a message id of its own', async () => {
    const connectionId = `conn_${orgId.slice(4)}`;
    const secretSealed = await ring.sealJson(orgId, {}, additionalData.connectionSecret(orgId, connectionId));
    const settings = { host: '127.0.0.1', port: mail.smtpPort, security: 'none', from: 'alerts@example.com' };
    await withSystem(db, async (tx) => {
      const row = { id: connectionId, orgId, name: 'Mail', kind: 'email.smtp', settings, secretSealed };
      await tx.insert(tables.connections).values(row);
      const to = ['ada@example.com', 'bob@example.com'];
      await tx
        .insert(alertChannels)
        .values({ id: `chan_${orgId}`, orgId, name: 'Mail', kind: 'email', settings: { to, connectionId } });
    });
    await park();
    await work();
    const [alert] = await written();
    const [message] = mail.messages;
    expect(message).toMatchObject({
      messageId: `<${alert?.id}@example.com>`,
      subject: 'Orders: 1 run waits for a person',
      to: ['ada@example.com', 'bob@example.com'],
    });
  });
});
