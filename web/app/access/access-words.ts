import type { AccessOf, GranteeList } from '@everwave/schema/api';

export type Thing = 'flow' | 'folder' | 'connection';
export type GranteeKind = GranteeList['items'][number]['kind'];
type Reason = AccessOf['reachedBy'][number]['because'][number];

export const granteeWords: Readonly<Record<GranteeKind, { readonly one: string; readonly many: string }>> = {
  user: { one: 'person', many: 'People' },
  team: { one: 'team', many: 'Teams' },
  serviceAccount: { one: 'service account', many: 'Service accounts' },
  apiKey: { one: 'API key', many: 'API keys' },
};

/** Why somebody sees a thing, as one says it. */
export const reasonWords = ({ by, roleName, on, team }: Reason, of: Thing): string => {
  switch (by) {
    case 'role':
      return `${roleName} in the organisation`;
    case 'manager':
      return `${roleName} in the organisation, manages access`;
    case 'grant': {
      const place = on === of || on === null ? '' : ` on the ${on}`;
      return `${roleName} by a grant${place}${team === null ? '' : ` to the team ${team}`}`;
    }
  }
};
