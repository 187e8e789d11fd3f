import { randomUUIDv7 } from 'node:crypto';
import { type Permission, permissions, roleMay, roles } from '@everwave/schema/api';
import { tables, type Transaction, withSystem } from '@everwave/schema/db';
import { toId } from '@everwave/schema/ids';
import { eq } from 'drizzle-orm';
import { newApiKey } from '../../auth/api-keys.ts';
import { openSession } from '../open-session.ts';
import { callWith, type TestApi, type TestOrg, webUrl } from '../test-api.ts';
import type { MatrixRoute } from './routes.ts';

export type Headers = Readonly<Record<string, string>>;

/** Somebody who knocks at every route. */
export interface MatrixCaller {
  readonly name: string;
  /** Nobody, for whom only public routes are there, as for what is left of somebody suspended; a person with a session; a program with a key. */
  readonly kind: 'nobody' | 'suspended' | 'person' | 'key';
  /** Looks after the accounts of the installation. */
  readonly isInstanceAdmin?: true;
  readonly may: (permission: Permission) => boolean;
  /** With which code this person is sent elsewhere first, wherever a permission is asked. */
  readonly mustFirst?: 'second_factor_required' | 'email_not_verified';
  /** Anew for each request, so that one that ends its session keeps nobody else out. */
  readonly headers: () => Promise<Headers>;
}

const never = () => false;

const asPerson = (cookie: string): Headers => ({ cookie, origin: webUrl });
const asKey = (key: string): Headers => ({ authorization: `Bearer ${key}` });

const keyOf = async (
  api: TestApi,
  org: TestOrg,
  values: Partial<typeof tables.apiKeys.$inferInsert>,
): Promise<string> => {
  const { key, ...stored } = newApiKey();
  await withSystem(api.db, (tx) =>
    tx.insert(tables.apiKeys).values({
      ...stored,
      id: toId('key', randomUUIDv7()),
      name: 'of the matrix',
      orgId: org.orgId,
      role: 'admin',
      ...values,
    }),
  );
  return key;
};

const revokedKey = async (api: TestApi, org: TestOrg): Promise<string> => {
  const id = toId('key', randomUUIDv7());
  const key = await keyOf(api, org, { id });
  await withSystem(api.db, (tx) => tx.delete(tables.apiKeys).where(eq(tables.apiKeys.id, id)));
  return key;
};

/** A key of a role that is cut to one permission. */
const scopedKey = async (api: TestApi, org: TestOrg, scope: Permission): Promise<MatrixCaller> =>
  steady(
    `a key of the role owner, cut to ${scope}`,
    'key',
    (permission) => permission === scope,
    asKey(await keyOf(api, org, { role: 'owner', permissions: [scope] })),
  );

/** A person whose role of the org's own holds one permission. */
const ofOneRole = async (api: TestApi, org: TestOrg, permission: Permission): Promise<MatrixCaller> => {
  const { userId } = await org.addPerson('viewer');
  await withSystem(api.db, async (tx) => {
    const role = await aRole(tx, org, `Only ${permission}`, [permission]);
    await tx.update(tables.members).set({ role }).where(eq(tables.members.userId, userId));
  });
  return withSession(api, org, userId, `a person whose role holds ${permission}`, (each) => each === permission);
};

const aRole = async (tx: Transaction, { orgId }: TestOrg, name: string, held: Permission[]): Promise<string> => {
  const id = toId('role', randomUUIDv7());
  await tx.insert(tables.roles).values({ id, orgId, name, permissions: held });
  return id;
};

const withSession = (
  api: TestApi,
  org: TestOrg,
  userId: string,
  name: string,
  may: MatrixCaller['may'],
): MatrixCaller => ({
  name,
  kind: 'person',
  may,
  headers: async () => asPerson((await openSession(api, userId, org.orgId)).cookie),
});

interface Account {
  readonly role: string;
  readonly may: MatrixCaller['may'];
  readonly isDisabled?: boolean;
}

/** A program with a name of its own. */
const serviceAccount = async (api: TestApi, org: TestOrg, name: string, account: Account): Promise<MatrixCaller> => {
  const { role, may, isDisabled = false } = account;
  const id = toId('svc', randomUUIDv7());
  const disabledAt = isDisabled ? new Date() : null;
  await withSystem(api.db, (tx) =>
    tx.insert(tables.serviceAccounts).values({ id, orgId: org.orgId, name, role, disabledAt }),
  );
  return steady(
    name,
    isDisabled ? 'nobody' : 'key',
    may,
    asKey(await keyOf(api, org, { serviceAccountId: id, role: null })),
  );
};

const serviceAccounts = async (api: TestApi, org: TestOrg): Promise<readonly MatrixCaller[]> => {
  const own = await withSystem(api.db, (tx) => aRole(tx, org, 'Of a program', ['runs:read', 'runs:start']));
  return Promise.all([
    ...roles.map((role) =>
      serviceAccount(api, org, `a service account, ${role}`, { role, may: (each) => roleMay(role, each) }),
    ),
    serviceAccount(api, org, 'a service account of an own role', {
      role: own,
      may: (permission) => ['runs:read', 'runs:start'].includes(permission),
    }),
    serviceAccount(api, org, 'a service account that is switched off', { role: 'owner', may: never, isDisabled: true }),
  ]);
};

/** Owners who have something to do first; in an org that asks a second factor of them. */
const unready = async (api: TestApi): Promise<readonly MatrixCaller[]> => {
  const org = await api.createOrg('Strict');
  const [without, unverified] = [await org.addPerson('owner'), await org.addPerson('owner')];
  const { organizations, users } = tables;
  await withSystem(api.db, async (tx) => {
    await tx.update(organizations).set({ requiresSecondFactor: true }).where(eq(organizations.id, org.orgId));
    await tx.update(users).set({ emailVerified: false }).where(eq(users.id, unverified.userId));
  });
  const may = () => true;
  return [
    {
      ...withSession(api, org, without.userId, 'an owner who must enrol a second factor', may),
      mustFirst: 'second_factor_required',
    },
    {
      ...withSession(api, org, unverified.userId, 'an owner who must confirm the address', may),
      mustFirst: 'email_not_verified',
    },
  ];
};

/** A caller whose one set of headers serves every request. */
const steady = (
  name: string,
  kind: MatrixCaller['kind'],
  may: MatrixCaller['may'],
  headers: Headers,
): MatrixCaller => ({
  name,
  kind,
  may,
  headers: async () => headers,
});

/** Whoever has no business here at all, each in their own way. */
const strangers = async (api: TestApi, org: TestOrg): Promise<readonly MatrixCaller[]> => {
  const owner = await org.addPerson('owner');
  const { cookie, token } = await openSession(api, owner.userId, org.orgId);
  const ended = await openSession(api, owner.userId, org.orgId);
  await withSystem(api.db, (tx) =>
    tx
      .update(tables.sessions)
      .set({ expiresAt: new Date(0) })
      .where(eq(tables.sessions.token, ended.token)),
  );
  const revoked = await openSession(api, owner.userId, org.orgId);
  await withSystem(api.db, (tx) => tx.delete(tables.sessions).where(eq(tables.sessions.token, revoked.token)));
  // As it was issued, and nothing renews it any more.
  const ofNoFamily = api.dependencies.accessTokens.issue({ userId: owner.userId, familyId: randomUUIDv7() });
  const leaver = await org.addPerson('owner');
  await withSystem(api.db, (tx) => tx.delete(tables.members).where(eq(tables.members.userId, leaver.userId)));
  const nobody = (name: string, headers: Headers) => steady(name, 'nobody', never, headers);
  return [
    nobody('no caller', {}),
    nobody('a session that was tampered with', asPerson(cookie.replace(token, `x${token.slice(1)}`))),
    nobody('a session without its signature', asPerson(cookie.replace(/\.[^.]*$/, ''))),
    nobody('a session that is over', asPerson(ended.cookie)),
    nobody('a session that was revoked', asPerson(revoked.cookie)),
    nobody('an access token that was ended', asKey(ofNoFamily)),
    nobody('an unknown key', asKey(newApiKey().key)),
    nobody('an expired key', asKey(await keyOf(api, org, { expiresAt: new Date(0) }))),
    nobody('a revoked key', asKey(await revokedKey(api, org))),
    // Signed in they are; of this org they are not.
    {
      name: 'a revoked member',
      kind: 'person',
      may: never,
      headers: async () => asPerson((await openSession(api, leaver.userId, org.orgId)).cookie),
    },
  ];
};

const setUser = (api: TestApi, userId: string, values: Partial<typeof tables.users.$inferInsert>) =>
  withSystem(api.db, (tx) => tx.update(tables.users).set(values).where(eq(tables.users.id, userId)));

/** What is left of an owner who administered the installation until they were suspended. */
const suspended = async (api: TestApi, org: TestOrg): Promise<readonly MatrixCaller[]> => {
  const person = await org.addPerson('owner');
  const { body } = await callWith(api.app)('POST /v1/tokens', { email: person.email, password: person.password });
  const key = await keyOf(api, org, { role: 'owner', createdBy: person.userId });
  await setUser(api, person.userId, { suspendedAt: new Date(), isInstanceAdmin: true });
  const left = (name: string, headers: () => Promise<Headers>): MatrixCaller => ({
    name,
    kind: 'suspended',
    may: never,
    headers,
  });
  return [
    left('a suspended person, with a session', async () =>
      asPerson((await openSession(api, person.userId, org.orgId)).cookie),
    ),
    left('a suspended person, with an access token', async () => asKey(body.accessToken)),
    left('a key made by a suspended person', async () => asKey(key)),
  ];
};

/** An administrator of the installation who may only look in this org. */
const administrator = async (api: TestApi, org: TestOrg): Promise<MatrixCaller> => {
  const { userId } = await org.addPerson('viewer');
  await setUser(api, userId, { isInstanceAdmin: true });
  const name = 'an instance administrator who is a viewer';
  const may = (permission: Permission) => roleMay('viewer', permission);
  return { ...withSession(api, org, userId, name, may), isInstanceAdmin: true };
};

/** Everybody the matrix knows, as callers of this org. */
export const callersOf = async (api: TestApi, org: TestOrg): Promise<readonly MatrixCaller[]> => {
  const people = roles.map(async (role): Promise<MatrixCaller> => {
    const { userId } = await org.addPerson(role);
    return withSession(api, org, userId, `${role}, with a session`, (permission) => roleMay(role, permission));
  });
  const keys = roles.map(async (role) =>
    steady(
      `${role}, with a key`,
      'key',
      (permission) => roleMay(role, permission),
      asKey(await keyOf(api, org, { role })),
    ),
  );
  const scoped = permissions.map((scope) => scopedKey(api, org, scope));
  return [
    ...(await strangers(api, org)),
    ...(await suspended(api, org)),
    await administrator(api, org),
    ...(await Promise.all(people)),
    ...(await Promise.all(keys)),
    ...(await Promise.all(scoped)),
    ...(await Promise.all(permissions.map((permission) => ofOneRole(api, org, permission)))),
    ...(await serviceAccounts(api, org)),
    ...(await unready(api)),
  ];
};

export type Expected = 'passes' | 'refused' | 'stopped at the door' | 'sent elsewhere first';

/** Where people who have something to do first are told so. */
const openToUnready: readonly string[] = ['GET /v1/me'];

/** What a route's declared access says of this caller. */
export const expectedOf = ({ access, name }: Pick<MatrixRoute, 'access' | 'name'>, caller: MatrixCaller): Expected => {
  if (access.kind === 'public') return 'passes';
  if (caller.kind === 'suspended') return 'refused';
  if (caller.kind === 'nobody') return 'stopped at the door';
  if (access.kind === 'known') return permissions.some(caller.may) ? 'passes' : 'refused';
  if (access.kind === 'instanceAdministrator') return caller.isInstanceAdmin ? 'passes' : 'refused';
  if (access.kind === 'signedIn') return caller.kind === 'person' ? 'passes' : 'refused';
  if (caller.mustFirst && !openToUnready.includes(name)) return 'sent elsewhere first';
  return caller.may(access.permission) ? 'passes' : 'refused';
};
