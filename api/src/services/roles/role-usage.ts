import type { OrgRole } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import { and, count, eq, isNotNull } from 'drizzle-orm';

const { apiKeys, grants, invitations, members, serviceAccounts } = tables;

export type RoleUsage = OrgRole['usedBy'];

const unused: RoleUsage = { people: 0, invitations: 0, serviceAccounts: 0, apiKeys: 0, grants: 0 };

/** Who has which role of the org; a role that nobody has is not among them. */
export const readRoleUsage = async (tx: Transaction, orgId: string): Promise<(role: string) => RoleUsage> => {
  const people = await tx
    .select({ role: members.role, count: count() })
    .from(members)
    .where(eq(members.organizationId, orgId))
    .groupBy(members.role);
  const invited = await tx
    .select({ role: invitations.role, count: count() })
    .from(invitations)
    .where(and(eq(invitations.organizationId, orgId), eq(invitations.status, 'pending')))
    .groupBy(invitations.role);
  const accounts = await tx
    .select({ role: serviceAccounts.role, count: count() })
    .from(serviceAccounts)
    .where(eq(serviceAccounts.orgId, orgId))
    .groupBy(serviceAccounts.role);
  const keys = await tx
    .select({ role: apiKeys.role, count: count() })
    .from(apiKeys)
    .where(and(eq(apiKeys.orgId, orgId), isNotNull(apiKeys.role)))
    .groupBy(apiKeys.role);
  const granted = await tx
    .select({ role: grants.role, count: count() })
    .from(grants)
    .where(and(eq(grants.orgId, orgId), isNotNull(grants.role)))
    .groupBy(grants.role);
  const usage = new Map<string, RoleUsage>();
  const note = (kind: keyof RoleUsage, rows: readonly { readonly role: string | null; readonly count: number }[]) => {
    for (const row of rows) {
      if (row.role !== null) usage.set(row.role, { ...(usage.get(row.role) ?? unused), [kind]: row.count });
    }
  };
  note('people', people);
  note('invitations', invited);
  note('serviceAccounts', accounts);
  note('apiKeys', keys);
  note('grants', granted);
  return (role) => usage.get(role) ?? unused;
};

/** “2 people and 1 API key”; empty for nobody. */
export const tellUsage = ({
  people,
  invitations: invited,
  serviceAccounts: accounts,
  apiKeys: keys,
  grants: granted,
}: RoleUsage): string =>
  [
    counted(people, 'person', 'people'),
    counted(invited, 'open invitation', 'open invitations'),
    counted(accounts, 'service account', 'service accounts'),
    counted(keys, 'API key', 'API keys'),
    counted(granted, 'grant', 'grants'),
  ]
    .filter((each) => each !== null)
    .join(', ');

const counted = (number: number, one: string, many: string): string | null =>
  number === 0 ? null : `${number} ${number === 1 ? one : many}`;
