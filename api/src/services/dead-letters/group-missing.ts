import { tables } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { problem } from '../../problems.ts';

const { deadLetters } = tables;

/** For `whyMissing`: a group is there when it has letters. */
export const groupMissing = (orgId: string, fingerprint: string) => ({
  from: deadLetters,
  where: and(eq(deadLetters.orgId, orgId), eq(deadLetters.fingerprint, fingerprint)),
  notFound: problem('dead_letter_group_not_found', `Your org has no dead letters of the group ${fingerprint}.`),
});
