import { createHash, randomUUIDv7 } from 'node:crypto';
import { type AccessOf, granteeKinds, type SetAccessRequest, type Permission } from '@everwave/schema/api';
import { type Grantee, type GrantedThing, tables, type Transaction, withOrg } from '@everwave/schema/db';
import { folderIdSchema, toId } from '@everwave/schema/ids';
import { and, asc, eq } from 'drizzle-orm';
import { findRole } from '../../auth/find-role.ts';
import type { ServiceContext } from '../../context.ts';
import { type HttpProblem, problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { getConnection } from '../connections/to-connection.ts';
import { getFlow } from '../flows/find-flow.ts';
import { assignableRole } from '../roles/assignable-role.ts';
import { namesOf, refuseStrangers } from './grantees.ts';
import { refuseLockOut } from './refuse-lock-out.ts';
import { type Place, whoReaches } from './who-reaches.ts';

const { connections, flows, folders, grants } = tables;

/** What access is about. */
export interface Thing {
  readonly thing: GrantedThing;
  readonly id: string;
}

/** For everybody who sees it themselves. */
export const readAccessTo = (context: ServiceContext, about: Thing): Promise<AccessOf> => {
  const { db, caller } = context;
  return withOrg(db, caller.orgId, async (tx) => {
    if (about.thing === 'flow') await getFlow(tx, context, about.id);
    if (about.thing === 'connection') await getConnection(tx, context, about.id);
    return tellAccess(tx, caller.orgId, about);
  });
};

/** Says anew who may reach it. Nobody gives a role that holds more than they do. */
export const setAccessTo = (
  context: ServiceContext,
  about: Thing,
  { revision, isRestricted, grants: given }: SetAccessRequest,
): Promise<AccessOf> => {
  const { db, caller } = context;
  const { orgId } = caller;
  return withOrg(db, orgId, async (tx) => {
    const { name } = await lockThing(tx, orgId, about);
    const before = await tellAccess(tx, orgId, about);
    if (revision !== undefined && revision !== before.revision) {
      throw problem(
        'access_changed',
        'Somebody has changed who may reach it meanwhile. Read it again, and repeat your change.',
      );
    }
    await refuseStrangers(tx, orgId, given);
    for (const { role } of given) if (role !== null) await assignableRole(tx, context, role);
    await refuseLockOut(tx, context, about, () => writeAccess(tx, context, about, { isRestricted, grants: given }));
    const after = await tellAccess(tx, orgId, about);
    await audit(tx, context, {
      action: `${about.thing}.access_changed`,
      target: { kind: about.thing, id: about.id, name },
      before: fieldsOf(before),
      after: fieldsOf(after),
    });
    return after;
  });
};

const writeAccess = async (
  tx: Transaction,
  { caller: { id: createdBy, orgId } }: ServiceContext,
  about: Thing,
  { isRestricted, grants: given }: SetAccessRequest,
): Promise<void> => {
  const table = tableOf(about.thing);
  await tx
    .update(table)
    .set({ isRestricted })
    .where(and(eq(table.id, about.id), eq(table.orgId, orgId)));
  await tx.delete(grants).where(isAbout(orgId, about));
  if (given.length === 0) return;
  const rows = given.map(({ grantee, role }) => ({
    id: toId('grant', randomUUIDv7()),
    orgId,
    thing: about.thing,
    thingId: about.id,
    grantee: grantee.kind,
    granteeId: grantee.id,
    role,
    createdBy,
  }));
  await tx.insert(grants).values(rows);
};

/** As the audit log tells it: who has which role. */
const fieldsOf = ({ isRestricted, grants: given }: AccessOf) => ({
  isRestricted,
  grants: Object.fromEntries(
    given.map(({ grantee, roleName }) => [grantee.id, `${grantee.name}: ${roleName ?? 'as in the organisation'}`]),
  ),
});

const isAbout = (orgId: string, { thing, id }: Thing) =>
  and(eq(grants.orgId, orgId), eq(grants.thing, thing), eq(grants.thingId, id));

/** Nobody else changes who may reach it meanwhile. */
export const lockThing = async (tx: Transaction, orgId: string, { thing, id }: Thing) => {
  const table = tableOf(thing);
  const [row] = await tx
    .select({ isRestricted: table.isRestricted, name: table.name })
    .from(table)
    .where(and(eq(table.id, id), eq(table.orgId, orgId)))
    .for('update');
  if (!row) throw thingNotFound(thing, id);
  return row;
};

const tellAccess = async (tx: Transaction, orgId: string, about: Thing): Promise<AccessOf> => {
  const table = tableOf(about.thing);
  const [found] = await tx
    .select({ isRestricted: table.isRestricted })
    .from(table)
    .where(and(eq(table.id, about.id), eq(table.orgId, orgId)));
  if (!found) throw thingNotFound(about.thing, about.id);
  const rows = await tx.select().from(grants).where(isAbout(orgId, about)).orderBy(asc(grants.id));
  const names = new Map<Grantee, ReadonlyMap<string, string>>();
  for (const kind of granteeKinds) {
    const ids = rows.filter(({ grantee }) => grantee === kind).map(({ granteeId }) => granteeId);
    names.set(kind, await namesOf(tx, orgId, kind, ids));
  }
  const told: AccessOf['grants'] = [];
  for (const { grantee: kind, granteeId: id, role } of rows) {
    const name = names.get(kind)?.get(id);
    // Whoever has left the org is spoken of no more.
    if (name === undefined) continue;
    const held = role === null ? null : await findRole(tx, orgId, role);
    told.push({ grantee: { kind, id, name }, role, roleName: held?.roleName ?? role });
  }
  const { place, folder } = await placeOf(tx, about, found.isRestricted);
  const revision = revisionOf(found.isRestricted, rows);
  const { isRestricted } = found;
  return { revision, isRestricted, grants: told, folder, reachedBy: await whoReaches(tx, orgId, place) };
};

/** Of what is set, whoever may read it and whatever they are called. */
const revisionOf = (isRestricted: boolean, rows: readonly (typeof grants.$inferSelect)[]): string => {
  const given = rows.map(({ grantee, granteeId, role }) => JSON.stringify([grantee, granteeId, role])).toSorted();
  return createHash('sha256')
    .update(JSON.stringify([isRestricted, given]))
    .digest('base64url')
    .slice(0, 22);
};

/** Where grants on it stand, and whether it is kept for some only. */
export const placeOf = async (
  tx: Transaction,
  { thing, id }: Thing,
  isRestricted: boolean,
  permission: Permission = thing === 'connection' ? 'connections:read' : 'flows:read',
): Promise<{ readonly place: Place; readonly folder: AccessOf['folder'] }> => {
  const spots = [{ on: thing, id }];
  if (thing !== 'flow') return { place: { permission, isKept: isRestricted, spots }, folder: null };
  const [folder] = await tx
    .select({ id: folders.id, name: folders.name, isRestricted: folders.isRestricted })
    .from(folders)
    .innerJoin(flows, eq(flows.folderId, folders.id))
    .where(eq(flows.id, id));
  if (!folder) return { place: { permission, isKept: isRestricted, spots }, folder: null };
  return {
    place: {
      permission,
      isKept: isRestricted || folder.isRestricted,
      spots: [...spots, { on: 'folder', id: folder.id }],
    },
    folder: { ...folder, id: folderIdSchema.parse(folder.id) },
  };
};

const tableOf = (thing: GrantedThing) => {
  switch (thing) {
    case 'flow':
      return flows;
    case 'folder':
      return folders;
    case 'connection':
      return connections;
  }
};

const thingNotFound = (thing: GrantedThing, id: string): HttpProblem =>
  problem(`${thing}_not_found`, `Your org has no ${thing} ${id}.`);
