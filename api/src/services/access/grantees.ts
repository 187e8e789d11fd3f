import type { SetAccessRequest } from '@everwave/schema/api';
import { type Grantee, tables, type Transaction } from '@everwave/schema/db';
import { and, eq, inArray } from 'drizzle-orm';
import { problem } from '../../problems.ts';

const { apiKeys, members, serviceAccounts, teams, users } = tables;

/** The names of those of the org among these ids. */
export const namesOf = async (
  tx: Transaction,
  orgId: string,
  kind: Grantee,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  if (ids.length === 0) return new Map();
  const rows = await findNames(tx, orgId, kind, [...ids]);
  return new Map(rows.map(({ id, name }) => [id, name]));
};

const findNames = (
  tx: Transaction,
  orgId: string,
  kind: Grantee,
  ids: string[],
): Promise<{ id: string; name: string }[]> => {
  switch (kind) {
    case 'user':
      return tx
        .select({ id: users.id, name: users.name })
        .from(members)
        .innerJoin(users, eq(users.id, members.userId))
        .where(and(eq(members.organizationId, orgId), inArray(users.id, ids)));
    case 'serviceAccount':
      return tx
        .select({ id: serviceAccounts.id, name: serviceAccounts.name })
        .from(serviceAccounts)
        .where(and(eq(serviceAccounts.orgId, orgId), inArray(serviceAccounts.id, ids)));
    case 'apiKey':
      return tx
        .select({ id: apiKeys.id, name: apiKeys.name })
        .from(apiKeys)
        .where(and(eq(apiKeys.orgId, orgId), inArray(apiKeys.id, ids)));
    case 'team':
      return tx
        .select({ id: teams.id, name: teams.name })
        .from(teams)
        .where(and(eq(teams.orgId, orgId), inArray(teams.id, ids)));
  }
};

/** Only who is in the org is given anything in it. */
export const refuseStrangers = async (
  tx: Transaction,
  orgId: string,
  given: SetAccessRequest['grants'],
): Promise<void> => {
  for (const [at, { grantee }] of given.entries()) {
    if ((await namesOf(tx, orgId, grantee.kind, [grantee.id])).size > 0) continue;
    throw problem('grantee_not_found', `Nobody in your org is the ${grantee.kind} ${grantee.id}.`, {
      errors: [{ path: `grants.${at}.grantee`, message: 'Choose somebody of your org.' }],
    });
  }
};
