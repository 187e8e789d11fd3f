import type { Permission } from '@everwave/schema/api';
import { type Grantee, type GrantedThing, tables, type Transaction } from '@everwave/schema/db';
import { and, eq, or, sql } from 'drizzle-orm';
import { cutTo, heldRole, type HeldRole } from './find-role.ts';

const { connections, flows, folders, grants, roles, teamMembers } = tables;

export interface HeldGrant {
  readonly thing: GrantedThing;
  readonly thingId: string;
  readonly permissions: ReadonlySet<Permission>;
}

/** What somebody may do with single flows, folders and connections, beside what they may do in the org. */
export interface Access {
  /** Nothing in the org is kept for some people only. */
  readonly isOpen: boolean;
  readonly grants: readonly HeldGrant[];
}

/** For deeds that were asked for earlier: the access was looked at then. */
export const everywhere: Access = { isOpen: true, grants: [] };

interface Subject {
  readonly orgId: string;
  readonly grantees: readonly { readonly kind: Grantee; readonly id: string }[];
  /** What they hold in the org, already cut to the scopes of their key. */
  readonly held: HeldRole;
  readonly scopes: readonly Permission[] | null;
}

const isRestrictedIn = (orgId: string) => sql<boolean>`
  exists (select from ${flows} where ${flows.orgId} = ${orgId} and ${flows.isRestricted})
  or exists (select from ${folders} where ${folders.orgId} = ${orgId} and ${folders.isRestricted})
  or exists (select from ${connections} where ${connections.orgId} = ${orgId} and ${connections.isRestricted})`;

const isGivenTo = (kind: Grantee, id: string) => and(eq(grants.grantee, kind), eq(grants.granteeId, id));

const isGivenToTeamOf = (orgId: string, userId: string) => sql`
  ${grants.grantee} = 'team' and ${grants.granteeId} in (
    select ${teamMembers.teamId} from ${teamMembers}
    where ${teamMembers.orgId} = ${orgId} and ${teamMembers.userId} = ${userId})`;

export const readAccess = async (tx: Transaction, { orgId, grantees, held, scopes }: Subject): Promise<Access> => {
  const [restricted] = await tx.execute<{ any: boolean }>(sql`select ${isRestrictedIn(orgId)} as any`);
  const isTheirs = or(
    ...grantees.map(({ kind, id }) =>
      kind === 'user' ? or(isGivenTo(kind, id), isGivenToTeamOf(orgId, id)) : isGivenTo(kind, id),
    ),
  );
  const rows = await tx
    .select({ thing: grants.thing, thingId: grants.thingId, role: grants.role, own: roles })
    .from(grants)
    .leftJoin(roles, and(eq(roles.id, grants.role), eq(roles.orgId, grants.orgId)))
    .where(and(eq(grants.orgId, orgId), isTheirs));
  return {
    isOpen: restricted?.any !== true,
    grants: rows.map(({ thing, thingId, role, own }) => {
      const granted = role === null ? held : heldRole(role, own);
      const permissions = granted ? cutTo(granted, scopes).permissions : new Set<Permission>();
      return { thing, thingId, permissions };
    }),
  };
};
