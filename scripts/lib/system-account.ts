import { execFileSync, spawnSync } from 'node:child_process';
import { Refusal } from './refusal.ts';

/** The account a child process runs as; null means "as we are". */
export interface SystemAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Accounts that exist on most systems and own nothing of value. The first one found is taken. */
const candidates = ['postgres', '_postgres', 'nobody'] as const;

/** Postgres refuses to run as root, so a root user lends it an existing account without rights. */
export const findUnprivilegedAccount = (): SystemAccount | null => {
  if (process.getuid?.() !== 0) return null;
  for (const name of candidates) {
    const account = lookUp(name);
    if (account) return account;
  }
  throw new Refusal(
    `Postgres refuses to run as root, and none of the accounts ${candidates.join(', ')} exists. Start as another user, or create one: useradd --system postgres.`,
  );
};

/** Whether the account can enter and read the folder. Asked of the system itself, since rights may come from an access list. */
export const canEnter = (account: SystemAccount | null, folder: string): boolean => {
  const { status, error } = spawnSync('/bin/sh', ['-c', 'cd "$1" && ls >/dev/null', 'sh', folder], {
    cwd: '/',
    stdio: 'ignore',
    ...asAccount(account),
  });
  if (error)
    throw new Refusal(`No program could be started as the user ${account?.name ?? 'of now'}: ${error.message}`);
  return status === 0;
};

/** Options for `spawn` that make the child run as the account. */
export const asAccount = (account: SystemAccount | null): { uid?: number; gid?: number } =>
  account ? { uid: account.uid, gid: account.gid } : {};

const lookUp = (name: string): SystemAccount | null => {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { name, uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
};
