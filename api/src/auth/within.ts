import { type Permission, permissions } from '@everwave/schema/api';
import { type GrantedThing, tables, type Transaction } from '@everwave/schema/db';
import { type AnyColumn, inArray, or, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Caller } from '../context.ts';
import { type HttpProblem, problem } from '../problems.ts';

const { connections, flows, folders } = tables;

/** Who asks, and for which permission. */
export interface Reach {
  readonly caller: Pick<Caller, 'orgId' | 'permissions' | 'access'>;
  readonly permission: Permission;
}

/** Whoever says who may reach what is kept out of nothing. */
const seesAll = ({ permissions }: Reach['caller']): boolean => permissions.has('roles:manage');

const grantedIds = ({ caller, permission }: Reach, of: GrantedThing): string[] =>
  caller.access.grants
    .filter(({ thing, permissions }) => thing === of && permissions.has(permission))
    .map(({ thingId }) => thingId);

/**
 * The condition of a query that finds only what the caller may use their permission on; `id` is the column that holds
 * the flow's or the connection's id. Undefined where it would find everything.
 */
export const within = (reach: Reach, thing: 'flow' | 'connection', id: AnyColumn): SQL | undefined => {
  const { caller, permission } = reach;
  const holds = caller.permissions.has(permission);
  if (holds && (caller.access.isOpen || seesAll(caller))) return undefined;
  const ofOrg = (table: typeof flows | typeof connections) => sql`${table.orgId} = ${caller.orgId}`;
  if (thing === 'connection') {
    const found = or(
      holds ? sql`not ${connections.isRestricted}` : undefined,
      inArray(connections.id, grantedIds(reach, 'connection')),
    );
    return sql`${id} in (select ${connections.id} from ${connections} where ${ofOrg(connections)} and ${found})`;
  }
  const found = or(
    holds ? sql`not ${flows.isRestricted} and not coalesce(${folders.isRestricted}, false)` : undefined,
    inArray(flows.id, grantedIds(reach, 'flow')),
    inArray(flows.folderId, grantedIds(reach, 'folder')),
  );
  return sql`${id} in (
    select ${flows.id} from ${flows} left join ${folders} on ${folders.id} = ${flows.folderId}
    where ${ofOrg(flows)} and ${found})`;
};

/** A flow with its folder, or a connection, as far as it matters who may reach it. */
export interface Guarded {
  readonly thing: 'flow' | 'connection';
  readonly id: string;
  readonly isRestricted: boolean;
  readonly folder?: { readonly id: string; readonly isRestricted: boolean } | null;
}

/** The same as `within` for one thing at hand. */
export const reaches = (reach: Reach, { thing, id, isRestricted, folder = null }: Guarded): boolean => {
  const { caller, permission } = reach;
  if (grantedIds(reach, thing).includes(id)) return true;
  if (thing === 'flow' && folder && grantedIds(reach, 'folder').includes(folder.id)) return true;
  const isKept = isRestricted || folder?.isRestricted === true;
  return caller.permissions.has(permission) && (!isKept || seesAll(caller));
};

/** All that the caller may do with one thing at hand: what their role allows, as far as it is not kept from them, and grants. */
export const mayWith = (caller: Reach['caller'], guarded: Guarded): Permission[] =>
  permissions.filter((permission) => reaches({ caller, permission }, guarded));

/** Why a query with `within` found nothing: it is not there, or it is for others. Two different answers. */
export const whyMissing = async (
  tx: Transaction,
  { permission }: Reach,
  {
    from,
    where,
    notFound,
  }: { readonly from: PgTable; readonly where: SQL | undefined; readonly notFound: HttpProblem },
): Promise<HttpProblem> => {
  const [there] = await tx.select({ one: sql`1` }).from(from).where(where).limit(1);
  if (!there) return notFound;
  return problem('not_allowed', `This is kept for some people only: you have no access to it with ${permission}.`);
};
