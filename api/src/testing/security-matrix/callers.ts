import { randomUUIDv7 } from 'node:crypto';
import { type Permission, permissions, roles, rolePermissions } from '@everwave/schema/api';
import { tables, withSystem } from '@everwave/schema/db';
import { toId } from '@everwave/schema/ids';
import { eq } from 'drizzle-orm';
import { newApiKey } from '../../auth/api-keys.ts';
import type { Access } from '../../edge/route-table.ts';
import { openSession } from '../open-session.ts';
import { type TestApi, type TestOrg, webUrl } from '../test-api.ts';

export type Headers = Readonly<Record<string, string>>;

/** Somebody who knocks at every route. */
export interface MatrixCaller {
  readonly name: string;
  /** Nobody, for whom only public routes are there; a person with a session; a program with a key. */
  readonly kind: 'nobody' | 'person' | 'key';
  readonly may: (permission: Permission) => boolean;
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
  const leaver = await org.addPerson('owner');
  await withSystem(api.db, (tx) => tx.delete(tables.members).where(eq(tables.members.userId, leaver.userId)));
  const nobody = (name: string, headers: Headers) => steady(name, 'nobody', never, headers);
  return [
    nobody('no caller', {}),
    nobody('a session that was tampered with', asPerson(cookie.replace(token, `x${token.slice(1)}`))),
    nobody('a session without its signature', asPerson(cookie.replace(/\.[^.]*$/, ''))),
    nobody('a session that is over', asPerson(ended.cookie)),
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

/** Everybody the matrix knows, as callers of this org. */
export const callersOf = async (api: TestApi, org: TestOrg): Promise<readonly MatrixCaller[]> => {
  const people = roles.map(async (role): Promise<MatrixCaller> => {
    const { userId } = await org.addPerson(role);
    return {
      name: `${role}, with a session`,
      kind: 'person',
      may: (permission) => rolePermissions[role].includes(permission),
      headers: async () => asPerson((await openSession(api, userId, org.orgId)).cookie),
    };
  });
  const keys = roles.map(async (role) =>
    steady(
      `${role}, with a key`,
      'key',
      (permission) => rolePermissions[role].includes(permission),
      asKey(await keyOf(api, org, { role })),
    ),
  );
  const scoped = permissions.map((scope) => scopedKey(api, org, scope));
  return [
    ...(await strangers(api, org)),
    ...(await Promise.all(people)),
    ...(await Promise.all(keys)),
    ...(await Promise.all(scoped)),
  ];
};

export type Expected = 'passes' | 'refused' | 'stopped at the door';

/** What a route's declared access says of this caller. */
export const expectedOf = (access: Access, caller: MatrixCaller): Expected => {
  if (access.kind === 'public') return 'passes';
  if (caller.kind === 'nobody') return 'stopped at the door';
  if (access.kind === 'known') return permissions.some(caller.may) ? 'passes' : 'refused';
  if (access.kind === 'signedIn') return caller.kind === 'person' ? 'passes' : 'refused';
  return caller.may(access.permission) ? 'passes' : 'refused';
};
