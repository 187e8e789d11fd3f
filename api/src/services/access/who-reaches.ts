import { type AccessOf, type Permission } from '@everwave/schema/api';
import { type Grantee, tables, type Transaction } from '@everwave/schema/db';
import { and, asc, eq, gt, inArray, isNotNull, isNull, or } from 'drizzle-orm';
import { cutTo, heldRole, type HeldRole } from '../../auth/find-role.ts';

const { apiKeys, grants, members, roles, serviceAccounts, teamMembers, teams, users } = tables;

type Reacher = AccessOf['reachedBy'][number];
type Reason = Reacher['because'][number];

/** A thing, and the folder that it is in. */
export interface Place {
  readonly permission: Permission;
  /** It, or its folder, is only for some. */
  readonly isKept: boolean;
  /** The thing itself first. */
  readonly spots: readonly { readonly on: Reason['on'] & string; readonly id: string }[];
}

interface Holder {
  readonly kind: Exclude<Grantee, 'team'>;
  readonly id: string;
  readonly name: string;
  readonly held: HeldRole;
  readonly scopes: readonly Permission[] | null;
}

/** Everybody who sees it, by name, each with all that lets them in: the same rules as `within`, told the other way round. */
export const whoReaches = async (tx: Transaction, orgId: string, place: Place): Promise<Reacher[]> => {
  const given = await grantsAt(tx, orgId, place);
  const holders = [...(await people(tx, orgId)), ...(await programs(tx, orgId))];
  const told = holders.map(({ kind, id, name, held, scopes }) => ({
    holder: { kind, id, name },
    because: [
      ...fromRole(held, place),
      ...given
        .filter((grant) => grant.grantees.has(`${kind} ${id}`))
        .flatMap(({ on, team, role }): Reason[] => {
          const granted = role === null ? held : cutTo(role, scopes);
          if (!granted.permissions.has(place.permission)) return [];
          return [{ by: 'grant', roleName: granted.roleName, on, team }];
        }),
    ],
  }));
  return told.filter(({ because }) => because.length > 0);
};

const fromRole = ({ permissions, roleName }: HeldRole, { permission, isKept }: Place): Reason[] => {
  if (!permissions.has(permission)) return [];
  if (!isKept) return [{ by: 'role', roleName, on: null, team: null }];
  return permissions.has('roles:manage') ? [{ by: 'manager', roleName, on: null, team: null }] : [];
};

const ownRole = (role: typeof members.role | typeof serviceAccounts.role | typeof apiKeys.role, orgId: string) =>
  and(eq(roles.id, role), eq(roles.orgId, orgId));

/** The grants of a place; one to a team names those who are in it. */
const grantsAt = async (tx: Transaction, orgId: string, { spots }: Place) => {
  const found = [];
  for (const { on, id } of spots) {
    const rows = await tx
      .select({ grant: grants, own: roles, team: teams.name })
      .from(grants)
      .leftJoin(roles, and(eq(roles.id, grants.role), eq(roles.orgId, grants.orgId)))
      .leftJoin(teams, and(eq(grants.grantee, 'team'), eq(teams.id, grants.granteeId), eq(teams.orgId, grants.orgId)))
      .where(and(eq(grants.orgId, orgId), eq(grants.thing, on), eq(grants.thingId, id)))
      .orderBy(asc(grants.id));
    for (const { grant, own, team } of rows) {
      const role = grant.role === null ? null : heldRole(grant.role, own);
      // A role that is gone gives nothing.
      if (grant.role !== null && role === null) continue;
      found.push({ on, team, role, ids: [grant.grantee, grant.granteeId] as const });
    }
  }
  const teamIds = found.filter(({ ids: [kind] }) => kind === 'team').map(({ ids: [, id] }) => id);
  const inTeams =
    teamIds.length === 0
      ? []
      : await tx
          .select({ teamId: teamMembers.teamId, userId: teamMembers.userId })
          .from(teamMembers)
          .where(and(eq(teamMembers.orgId, orgId), inArray(teamMembers.teamId, teamIds)));
  return found.map(({ ids: [kind, id], ...grant }) => ({
    ...grant,
    grantees: new Set(
      kind === 'team'
        ? inTeams.filter(({ teamId }) => teamId === id).map(({ userId }) => `user ${userId}`)
        : [`${kind} ${id}`],
    ),
  }));
};

const people = async (tx: Transaction, orgId: string): Promise<Holder[]> => {
  const rows = await tx
    .select({ id: users.id, name: users.name, role: members.role, own: roles })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .leftJoin(roles, ownRole(members.role, orgId))
    .where(eq(members.organizationId, orgId))
    .orderBy(asc(users.name), asc(users.id));
  return rows.flatMap(({ id, name, role, own }) => {
    const held = heldRole(role, own);
    return held ? [{ kind: 'user' as const, id, name, held, scopes: null }] : [];
  });
};

/** Service accounts that are not disabled, and keys of their own role that still work. */
const programs = async (tx: Transaction, orgId: string): Promise<Holder[]> => {
  const accounts = await tx
    .select({ id: serviceAccounts.id, name: serviceAccounts.name, role: serviceAccounts.role, own: roles })
    .from(serviceAccounts)
    .leftJoin(roles, ownRole(serviceAccounts.role, orgId))
    .where(and(eq(serviceAccounts.orgId, orgId), isNull(serviceAccounts.disabledAt)))
    .orderBy(asc(serviceAccounts.name));
  const keys = await tx
    .select({ id: apiKeys.id, name: apiKeys.name, role: apiKeys.role, scopes: apiKeys.permissions, own: roles })
    .from(apiKeys)
    .leftJoin(roles, ownRole(apiKeys.role, orgId))
    .where(
      and(
        eq(apiKeys.orgId, orgId),
        isNotNull(apiKeys.role),
        or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, new Date())),
      ),
    )
    .orderBy(asc(apiKeys.name), asc(apiKeys.id));
  return [
    ...accounts.flatMap(({ id, name, role, own }) => {
      const held = heldRole(role, own);
      return held ? [{ kind: 'serviceAccount' as const, id, name, held, scopes: null }] : [];
    }),
    ...keys.flatMap(({ id, name, role, scopes, own }) => {
      const held = role === null ? null : heldRole(role, own);
      return held ? [{ kind: 'apiKey' as const, id, name, held: cutTo(held, scopes), scopes }] : [];
    }),
  ];
};
