import type { Role } from '@everwave/schema/api';

/** What each role may do, in a few words. */
export const roleWords: Readonly<Record<Role, string>> = {
  owner: 'everything',
  admin: 'everything but the organisation itself',
  developer: 'builds flows and connections, starts and repairs runs',
  operator: 'starts and repairs runs',
  viewer: 'looks, changes nothing',
};
