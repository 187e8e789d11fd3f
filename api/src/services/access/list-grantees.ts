import type { GranteeList } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, asc, eq, isNotNull, isNull } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';

const { apiKeys, members, serviceAccounts, teams, users } = tables;

/** All that a grant can be given to: people, teams, programs. */
export const listGrantees = ({ db, caller: { orgId } }: ServiceContext): Promise<GranteeList> =>
  withOrg(db, orgId, async (tx) => {
    const people = await tx
      .select({ id: users.id, name: users.name, detail: users.email })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(eq(members.organizationId, orgId))
      .orderBy(asc(users.name), asc(users.id));
    const groups = await tx
      .select({ id: teams.id, name: teams.name })
      .from(teams)
      .where(eq(teams.orgId, orgId))
      .orderBy(asc(teams.name));
    const accounts = await tx
      .select({ id: serviceAccounts.id, name: serviceAccounts.name })
      .from(serviceAccounts)
      .where(and(eq(serviceAccounts.orgId, orgId), isNull(serviceAccounts.disabledAt)))
      .orderBy(asc(serviceAccounts.name));
    const keys = await tx
      .select({ id: apiKeys.id, name: apiKeys.name, detail: apiKeys.start })
      .from(apiKeys)
      .where(and(eq(apiKeys.orgId, orgId), isNotNull(apiKeys.role)))
      .orderBy(asc(apiKeys.name), asc(apiKeys.id));
    return {
      items: [
        ...people.map((each) => ({ kind: 'user' as const, ...each })),
        ...groups.map((each) => ({ kind: 'team' as const, ...each, detail: null })),
        ...accounts.map((each) => ({ kind: 'serviceAccount' as const, ...each, detail: null })),
        ...keys.map((each) => ({ kind: 'apiKey' as const, ...each })),
      ],
    };
  });
