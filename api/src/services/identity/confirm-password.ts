import { isOwnPassword } from '../../auth/verify-credentials.ts';
import type { PersonContext } from '../../context.ts';
import { problem } from '../../problems.ts';

/** Asked again before what matters is changed: an open browser is not enough. */
export const confirmPassword = async (
  { db, caller }: Pick<PersonContext, 'db' | 'caller'>,
  password: string,
  path = 'password',
): Promise<void> => {
  if (await isOwnPassword(db, caller.id, password)) return;
  throw problem('password_wrong', 'This is not your password.', {
    errors: [{ path, message: 'This is not your password.' }],
  });
};
