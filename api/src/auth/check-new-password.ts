import type { AppDependencies } from '../context.ts';
import { problem } from '../problems.ts';
import { type PasswordOwner, whyGuessable } from './common-password.ts';

/** Refuses a password that is known or easily guessed. `path` names the field that holds it. */
export const checkNewPassword = async (
  { breachedPasswords }: Pick<AppDependencies, 'breachedPasswords'>,
  password: string,
  owner: PasswordOwner,
  path = 'password',
): Promise<void> => {
  const reason =
    whyGuessable(password, owner) ??
    ((await breachedPasswords?.has(password)) ? 'It is known from a breach of another service.' : null);
  if (reason === null) return;
  throw problem('password_refused', `${reason} Choose another one: a short sentence is easy to keep.`, {
    errors: [{ path, message: `${reason} Choose another one.` }],
  });
};
