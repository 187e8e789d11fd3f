import { randomUUIDv7 } from 'node:crypto';
import type { RoleReference, Team, TeamMember } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { problem } from '../../problems.ts';
import { forgetGrantsTo } from '../access/forget.ts';
import { audit } from '../audit.ts';
import { getMember } from '../members/members.ts';

const { members, roles, teamMembers, teams, users } = tables;
type Row = typeof teams.$inferSelect;

interface PlacedMember extends TeamMember {
  readonly teamId: string;
}

const membersOf = async (tx: Transaction, orgId: string, teamIds: readonly string[]): Promise<PlacedMember[]> => {
  const rows = await tx
    .select({
      teamId: teamMembers.teamId,
      id: members.id,
      name: users.name,
      email: users.email,
      role: members.role,
      roleName: sql<string>`coalesce(${roles.name}, ${members.role})`,
    })
    .from(teamMembers)
    .innerJoin(members, and(eq(members.userId, teamMembers.userId), eq(members.organizationId, teamMembers.orgId)))
    .innerJoin(users, eq(users.id, teamMembers.userId))
    .leftJoin(roles, and(eq(roles.id, members.role), eq(roles.orgId, members.organizationId)))
    .where(and(eq(teamMembers.orgId, orgId), inArray(teamMembers.teamId, [...teamIds])))
    .orderBy(asc(users.name), asc(members.id));
  return rows.map(({ role, ...row }) => ({ ...row, role: role as RoleReference }));
};

const toTeam = ({ id, name, createdAt }: Row, placed: readonly PlacedMember[]): Team => ({
  id,
  name,
  members: placed.filter(({ teamId }) => teamId === id).map(({ teamId: _teamId, ...member }) => member),
  createdAt: createdAt.toISOString(),
});

/** The teams of the org, by name. */
export const listTeams = ({ db, caller }: ServiceContext): Promise<Team[]> =>
  withOrg(db, caller.orgId, async (tx) => {
    const { orgId } = caller;
    const rows = await tx.select().from(teams).where(eq(teams.orgId, orgId)).orderBy(asc(teams.name), asc(teams.id));
    const placed = await membersOf(
      tx,
      orgId,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => toTeam(row, placed));
  });

/** Held until the transaction ends: nobody is taken into a team that goes meanwhile. */
const holdTeam = async (tx: Transaction, orgId: string, teamId: string): Promise<Row> => {
  const [row] = await tx
    .select()
    .from(teams)
    .where(and(eq(teams.id, teamId), eq(teams.orgId, orgId)))
    .for('update');
  if (!row) throw problem('team_not_found', `Your org has no team ${teamId}.`);
  return row;
};

const readTeam = async (tx: Transaction, row: Row): Promise<Team> =>
  toTeam(row, await membersOf(tx, row.orgId, [row.id]));

const refuseTakenName =
  (name: string) =>
  (error: unknown): never => {
    if (uniqueViolationOf(error) !== 'teams_org_name') throw error;
    throw problem('name_taken', `Another team is called “${name}”. Choose another name.`, {
      errors: [{ path: 'name', message: 'This name is taken.' }],
    });
  };

const targetOf = ({ id, name }: Row) => ({ kind: 'team', id, name });

export const createTeam = (context: ServiceContext, name: string): Promise<Team> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { orgId, id: createdBy } = context.caller;
    const [row] = await tx.insert(teams).values({ id: randomUUIDv7(), orgId, name, createdBy }).returning();
    if (!row) throw new Error('An insert returns its row.');
    await audit(tx, context, { action: 'team.created', target: targetOf(row) });
    return toTeam(row, []);
  }).catch(refuseTakenName(name));

export const renameTeam = (context: ServiceContext, teamId: string, name: string): Promise<Team> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const before = await holdTeam(tx, context.caller.orgId, teamId);
    if (before.name === name) return readTeam(tx, before);
    await tx.update(teams).set({ name, updatedAt: new Date() }).where(eq(teams.id, teamId));
    const row = { ...before, name };
    await audit(tx, context, {
      action: 'team.renamed',
      target: targetOf(row),
      details: { from: before.name },
      before: { name: before.name },
      after: { name },
    });
    return readTeam(tx, row);
  }).catch(refuseTakenName(name));

/** Its members stay in the org. */
export const deleteTeam = (context: ServiceContext, teamId: string): Promise<void> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const row = await holdTeam(tx, context.caller.orgId, teamId);
    await tx.delete(teams).where(eq(teams.id, teamId));
    await forgetGrantsTo(tx, row.orgId, { kind: 'team', id: teamId });
    await audit(tx, context, { action: 'team.deleted', target: targetOf(row) });
  });

export interface TeamPlace {
  readonly teamId: string;
  readonly memberId: string;
}

/** Whoever is in it already stays in it. */
export const addTeamMember = (context: ServiceContext, { teamId, memberId }: TeamPlace): Promise<Team> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const row = await holdTeam(tx, context.caller.orgId, teamId);
    const { userId, name } = await getMember(tx, row.orgId, memberId);
    const added = await tx
      .insert(teamMembers)
      .values({ orgId: row.orgId, teamId, userId })
      .onConflictDoNothing()
      .returning({ userId: teamMembers.userId });
    if (added.length > 0) {
      const details = { member: name, userId };
      await audit(tx, context, { action: 'team.member_added', target: targetOf(row), details });
    }
    return readTeam(tx, row);
  });

export const removeTeamMember = (context: ServiceContext, { teamId, memberId }: TeamPlace): Promise<void> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const row = await holdTeam(tx, context.caller.orgId, teamId);
    const { userId, name } = await getMember(tx, row.orgId, memberId);
    const removed = await tx
      .delete(teamMembers)
      .where(and(eq(teamMembers.teamId, teamId), eq(teamMembers.userId, userId)))
      .returning({ userId: teamMembers.userId });
    if (removed.length === 0) throw problem('team_member_not_found', `${name} is not in the team ${row.name}.`);
    const details = { member: name, userId };
    await audit(tx, context, { action: 'team.member_removed', target: targetOf(row), details });
  });
