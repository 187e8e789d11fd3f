import type { OrgRole } from '@everwave/schema/api';

/** What a built-in role is for. The org's own say it themselves. */
const builtIn: Readonly<Record<string, string>> = {
  owner: 'Everything.',
  admin: 'Everything but the organisation itself.',
  developer: 'Builds flows and connections, starts and repairs runs.',
  operator: 'Starts and repairs runs.',
  viewer: 'Looks, and changes nothing.',
};

export const roleDescription = ({ id, isBuiltIn, description }: OrgRole): string =>
  isBuiltIn ? (builtIn[id] ?? '') : description;

const counted = (number: number, one: string, many: string): string | null =>
  number === 0 ? null : `${number} ${number === 1 ? one : many}`;

export const usageWords = ({ usedBy }: OrgRole): string =>
  [
    counted(usedBy.people, 'person', 'people'),
    counted(usedBy.invitations, 'invitation', 'invitations'),
    counted(usedBy.serviceAccounts, 'service account', 'service accounts'),
    counted(usedBy.apiKeys, 'key', 'keys'),
    counted(usedBy.grants, 'grant', 'grants'),
  ]
    .filter((each) => each !== null)
    .join(', ') || 'Nobody';
