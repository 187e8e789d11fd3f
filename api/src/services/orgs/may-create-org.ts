import type { Settings } from '../../settings.ts';

/** Only with an address that is confirmed: whoever gave another's has no org of theirs. */
export const mayCreateOrg = (
  { orgCreation }: Pick<Settings, 'orgCreation'>,
  person: { readonly emailVerified: boolean; readonly isInstanceAdmin: boolean },
): boolean => person.emailVerified && (person.isInstanceAdmin || orgCreation === 'everybody');
