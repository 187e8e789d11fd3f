import type { Account, AccountList, ListAccountsQuery, RoleReference } from '@everwave/schema/api';
import { orgIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withSystem } from '@everwave/schema/db';
import { and, asc, eq, ilike, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { PersonContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { contains } from '../like.ts';
import { numberOfCursor, toNumberedPage } from '../page.ts';
import { toMoment } from '../runs/to-run.ts';

const { members, organizations, roles, secondFactors, users } = tables;

const selectAccounts = (tx: Transaction) =>
  tx
    .select({ user: users, secondFactor: secondFactors.confirmedAt })
    .from(users)
    .leftJoin(secondFactors, eq(secondFactors.userId, users.id))
    .$dynamic();
type Row = Awaited<ReturnType<typeof selectAccounts>>[number];

const toAccounts = async (tx: Transaction, rows: readonly Row[]): Promise<Account[]> => {
  const places = await tx
    .select({
      userId: members.userId,
      id: organizations.id,
      name: organizations.name,
      role: members.role,
      roleName: sql<string>`coalesce(${roles.name}, ${members.role})`,
    })
    .from(members)
    .innerJoin(organizations, eq(organizations.id, members.organizationId))
    .leftJoin(roles, and(eq(roles.id, members.role), eq(roles.orgId, members.organizationId)))
    .where(
      inArray(
        members.userId,
        rows.map(({ user }) => user.id),
      ),
    )
    .orderBy(asc(organizations.name), asc(organizations.id));
  return rows.map(({ user, secondFactor }) => ({
    id: user.id,
    name: user.name,
    email: user.email,
    isEmailVerified: user.emailVerified,
    isInstanceAdministrator: user.isInstanceAdmin,
    hasSecondFactor: secondFactor !== null,
    lastSignInAt: toMoment(user.lastSignInAt),
    createdAt: user.createdAt.toISOString(),
    suspendedAt: toMoment(user.suspendedAt),
    orgs: places
      .filter(({ userId }) => userId === user.id)
      .map(({ id, name, role, roleName }) => ({
        id: orgIdSchema.parse(id),
        name,
        role: role as RoleReference,
        roleName,
      })),
  }));
};

const isInState: Readonly<Record<ListAccountsQuery['state'], SQL | undefined>> = {
  all: undefined,
  active: isNull(users.suspendedAt),
  suspended: isNotNull(users.suspendedAt),
  administrators: eq(users.isInstanceAdmin, true),
};

/** Everybody who has an account here, by name. */
export const listAccounts = (
  { db }: PersonContext,
  { cursor, limit, text, state }: ListAccountsQuery,
): Promise<AccountList> => {
  const from = numberOfCursor(cursor) ?? 0;
  const isMeant = text ? or(ilike(users.name, contains(text)), ilike(users.email, contains(text))) : undefined;
  return withSystem(db, async (tx) => {
    const rows = await selectAccounts(tx)
      .where(and(isMeant, isInState[state]))
      .orderBy(asc(users.name), asc(users.id))
      .offset(from)
      .limit(limit + 1);
    const { items, nextCursor } = toNumberedPage(rows, { from, limit });
    return { items: await toAccounts(tx, items), nextCursor };
  });
};

export const getAccount = async (tx: Transaction, userId: string): Promise<Account> => {
  const [account] = await toAccounts(tx, await selectAccounts(tx).where(eq(users.id, userId)));
  if (!account) throw problem('account_not_found', `Nobody here has the account ${userId}.`);
  return account;
};
