import type { AppDependencies, Visitor } from '../context.ts';
import { explainFailure } from './explain-failure.ts';
import { accountSuspended } from './suspension.ts';
import { isOverAge } from './session-limits.ts';

/** Whose session this is, whether or not the person belongs to an org. Null without a session. Throws `account_suspended`. */
export const findVisitor = async (
  { auth, db }: Pick<AppDependencies, 'auth' | 'db'>,
  headers: Headers,
): Promise<Visitor | null> => {
  if (!headers.has('cookie')) return null;
  const found = await auth.api.getSession({ headers }).catch(async (error: unknown) => {
    throw await explainFailure(db, error);
  });
  if (!found || isOverAge(found.session.createdAt)) return null;
  const { user, session } = found;
  if (user.suspendedAt) throw accountSuspended();
  const activeOrgId = session.activeOrganizationId ?? null;
  return { userId: user.id, name: user.name, email: user.email, sessionId: session.id, activeOrgId };
};
