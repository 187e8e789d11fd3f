import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { problemMediaType, type Role } from '@everwave/schema/api';
import type { Mailer, OwnMail } from '@everwave/activities/mail';
import { createDatabase, type Database, poolUseOf, tables, withSystem } from '@everwave/schema/db';
import { type OrgId, toId } from '@everwave/schema/ids';
import { trustedProxiesSchema } from '@everwave/schema/network';
import {
  createKeyRing,
  createMasterKeyText,
  createSystemSeal,
  type KeyRing,
  loadMasterKeys,
} from '@everwave/temporal/encryption';
import { createLogger } from '@everwave/temporal/logger';
import { createTestDatabase } from '../../../scripts/testing/test-database.ts';
import { createApp } from '../app.ts';
import { createAccessTokens } from '../auth/access-token.ts';
import { newApiKey } from '../auth/api-keys.ts';
import { createAuth } from '../auth/create-auth.ts';
import { hashPassword } from '../auth/password.ts';
import type { AppDependencies } from '../context.ts';
import { createDispatcher } from '../dispatch/dispatcher.ts';
import { createPlacer } from '../dispatch/place-runs.ts';
import { createEventDeliverer } from '../dispatch/event-deliverer.ts';
import { createRunFeed } from '../events/run-feed.ts';
import { createOutbox } from '../mail/outbox.ts';
import { createMetrics } from '../metrics.ts';
import { createNodeKinds } from '../node-kinds.ts';
import { createScheduleKeeper } from '../schedules/schedule-keeper.ts';
import { createNotifier } from '../notify/notifier.ts';
import { createRepairer } from '../repair/repairer.ts';
import { defaultLimits, type Limits, type Settings } from '../settings.ts';
import { exampleCredentials, exampleNodes } from './example-nodes.ts';
import { createStubTemporal, type StubTemporal } from './stub-temporal.ts';
import { undeclaredRefusal } from './undeclared-refusal.ts';

export interface TestApi {
  readonly app: ReturnType<typeof createApp>;
  readonly db: Database;
  readonly databaseUrl: string;
  readonly ring: KeyRing;
  readonly temporal: StubTemporal;
  readonly dependencies: AppDependencies;
  /** Every mail so far, the latest last, after what waited was sent. */
  mails(): Promise<readonly OwnMail[]>;
  /** Every line the API logged. */
  readonly logLines: string[];
  /** A new org with one API key of each role asked for. */
  createOrg(name?: string): Promise<TestOrg>;
  /** Gives places and dispatches until nothing is due. */
  dispatch(): Promise<void>;
  close(): Promise<void>;
}

export interface TestOrg {
  readonly orgId: OrgId;
  /** A caller with an API key of this role; of another app on the same database, if one is given. */
  as(role: Role, app?: TestApi['app']): Promise<Call>;
  /** A person with a password. */
  addPerson(role: Role): Promise<TestPerson>;
  /** Somebody known from another org. */
  addMember(userId: string, role: Role): Promise<string>;
  /** A person with a password who has signed in. */
  signIn(role: Role): Promise<TestPerson & { readonly call: Call }>;
}

export interface TestPerson {
  readonly userId: string;
  readonly memberId: string;
  readonly email: string;
  readonly password: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  readonly body: any;
}

/** `call('POST /v1/flows', { name })` */
export type Call = (operation: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

export const metricsToken = 'metrics-token-of-the-tests';

export const webUrl = 'http://127.0.0.1:3000';

export interface TestApiOptions {
  readonly limits?: Partial<Limits>;
  readonly isSignUpOpen?: boolean;
  readonly orgCreation?: Settings['orgCreation'];
}

/** The whole API in this process: a real Postgres, a stub for Temporal, no socket. */
export const createTestApi = async ({
  limits = {},
  isSignUpOpen = false,
  orgCreation = 'administrators',
}: TestApiOptions = {}): Promise<TestApi> => {
  const database = await createTestDatabase();
  const db = createDatabase({ url: database.url, applicationName: 'api-test' });
  const masterKeys = loadMasterKeys({ secretKey: createMasterKeyText() });
  const ring = createKeyRing({ db, masterKeys });
  const seal = createSystemSeal(masterKeys);
  const letters: OwnMail[] = [];
  const mailer: Mailer = {
    send: async (mail) => void letters.push(mail),
    close: async () => {},
  };
  const temporal = createStubTemporal();
  const logLines: string[] = [];
  const log = createLogger({ service: 'api', level: 'debug', write: (line) => void logLines.push(line) });
  const settings: Settings = {
    version: '0.0.0-test',
    webUrl,
    apiUrl: 'http://127.0.0.1:3001',
    temporalUiUrl: 'http://127.0.0.1:8233',
    temporalNamespace: 'everwave',
    trustedProxies: trustedProxiesSchema.parse(undefined),
    metricsToken,
    isSignUpOpen,
    orgCreation,
    limits: { ...defaultLimits, ...limits },
  };
  const metrics = createMetrics({ version: settings.version, poolUse: () => poolUseOf(db) });
  const runFeed = createRunFeed(db, log);
  const dispatcher = createDispatcher({ db, ring, temporal, metrics, settings, log });
  const placer = createPlacer({ db, temporal, log }, () => {});
  const repairer = createRepairer({ db, ring, temporal, log });
  const outbox = createOutbox({ db, seal, mailer, log });
  const eventDeliverer = createEventDeliverer({ db, ring, temporal, log });
  const scheduleKeeper = createScheduleKeeper({ db, temporal, log });
  const dependencies: AppDependencies = {
    db,
    ring,
    seal,
    temporal,
    auth: createAuth({ db, webUrl, secret: randomBytes(32).toString('hex'), log }),
    accessTokens: createAccessTokens(masterKeys, webUrl),
    breachedPasswords: null,
    nodeKinds: createNodeKinds(exampleNodes, exampleCredentials),
    dispatcher,
    placer,
    repairer,
    eventDeliverer,
    outbox,
    notifier: createNotifier({ db, ring, seal, outbox, settings, log }),
    scheduleKeeper,
    runFeed,
    metrics,
    settings,
    log,
  };
  const app = createApp(dependencies);
  return {
    app,
    db,
    databaseUrl: database.url,
    ring,
    temporal,
    dependencies,
    logLines,
    mails: async () => {
      while ((await outbox.round()) > 0);
      return letters;
    },
    createOrg: (name = 'Acme') => createOrg(app, db, name),
    dispatch: async () => {
      let touched = 1;
      while (touched > 0) touched = (await placer.round()) + (await dispatcher.round());
    },
    close: async () => {
      await Promise.all([dispatcher.stop(), repairer.stop()]);
      await runFeed.stop();
      await db.$client.end({ timeout: 5 });
      await database.close();
    },
  };
};

const knownPassword = 'correct horse battery';
/** One for everybody: it is costly on purpose. */
let knownHash: Promise<string> | null = null;

const createOrg = async (app: TestApi['app'], db: Database, name: string): Promise<TestOrg> => {
  const orgId = toId('org', randomUUIDv7());
  await withSystem(db, (tx) => tx.insert(tables.organizations).values({ id: orgId, name, slug: orgId }));
  const addPerson: TestOrg['addPerson'] = async (role) => {
    const userId = randomUUIDv7();
    const email = `${role}-${randomBytes(4).toString('hex')}@example.org`;
    await withSystem(db, async (tx) => {
      await tx.insert(tables.users).values({ id: userId, name: `The ${role}`, email, emailVerified: true });
      await tx.insert(tables.accounts).values({
        id: randomUUIDv7(),
        accountId: userId,
        providerId: 'credential',
        userId,
        password: await (knownHash ??= hashPassword(knownPassword)),
      });
    });
    return { userId, memberId: await addMember(userId, role), email, password: knownPassword };
  };
  const addMember: TestOrg['addMember'] = async (userId, role) => {
    const id = randomUUIDv7();
    await withSystem(db, (tx) => tx.insert(tables.members).values({ id, organizationId: orgId, userId, role }));
    return id;
  };
  return {
    orgId,
    addPerson,
    addMember,
    signIn: async (role) => {
      const person = await addPerson(role);
      return { ...person, call: await signInWith(app, person) };
    },
    as: async (role, called = app) => {
      const { key, ...stored } = newApiKey();
      await withSystem(db, (tx) =>
        tx.insert(tables.apiKeys).values({
          ...stored,
          id: toId('key', randomUUIDv7()),
          name: `${role} key`,
          orgId,
          role,
        }),
      );
      return callWith(called, { authorization: `Bearer ${key}` });
    },
  };
};

/** A caller with the session of a person who signs in. */
export const signInWith = async (
  app: TestApi['app'],
  { email, password }: Pick<TestPerson, 'email' | 'password'>,
): Promise<Call> => {
  const { status, headers } = await callWith(app, { origin: webUrl })('POST /auth/sign-in/email', { email, password });
  if (status !== 200) throw new Error(`Signing in was answered with ${status}.`);
  const cookie = headers.getSetCookie().map((each) => each.split(';')[0]);
  return callWith(app, { cookie: cookie.join('; '), origin: webUrl });
};

/** The cookies that an answer sets, as the browser would send them back. */
export const cookieOf = ({ headers }: Answer): string =>
  headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');

/**
 * Calls the app with these headers on every request. A string body is sent as it is, anything else as JSON. Throws for a
 * problem that the document does not know of this operation.
 */
export const callWith =
  (app: TestApi['app'], always: Record<string, string> = {}): Call =>
  async (operation, body, headers = {}) => {
    const [method = 'GET', path = '/'] = operation.split(' ', 2);
    const response = await app.request(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...always,
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.headers.get('content-type') === problemMediaType) {
      const undeclared = undeclaredRefusal(method, path, parse(text));
      if (undeclared) throw new Error(undeclared);
    }
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
