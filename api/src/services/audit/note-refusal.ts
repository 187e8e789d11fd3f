import { type Database, tables, type Transaction, withOrg, withSystem } from '@everwave/schema/db';
import { addressBudget } from '@everwave/schema/network';
import { asc, eq, inArray } from 'drizzle-orm';
import { hashToken } from '../../auth/secret-token.ts';
import type { Caller, Client } from '../../context.ts';
import type { RateLimit } from '../../middleware/rate-limit.ts';
import { HttpProblem } from '../../problems.ts';
import { audit, type AuditEntry } from '../audit.ts';
import { somebody } from '../identity/audit-of-person.ts';

const { members, organizations, signInChallenges, users } = tables;

/** Entries of one address, in each process: what comes beyond is refused all the same, and not noted. */
export const notedPerAddress = { points: 20, seconds: 10 * 60 } as const;
/** Organisations that hear of one failed sign-in. */
const mostOrgs = 10;

interface Request {
  readonly db: Database;
  readonly requestId: string;
  readonly client: Client;
  readonly budget: RateLimit;
}

const isWithinBudget = async ({ client, budget }: Request): Promise<boolean> => {
  const key = client.address === null ? 'unknown' : addressBudget(client.address);
  return budget.consume(key).then(
    () => true,
    () => false,
  );
};

/** Somebody asked for what they may not do. */
export const noteRefusal = async (
  request: Request & { readonly caller: Caller },
  { operation, permission }: { readonly operation: string; readonly permission: string },
): Promise<void> => {
  if (!(await isWithinBudget(request))) return;
  await withOrg(request.db, request.caller.orgId, (tx) =>
    audit(tx, request, {
      action: 'access.refused',
      target: { kind: 'operation', id: operation },
      details: { permission },
    }),
  );
};

/** Whom somebody tried to sign in as: by their address, or by what the first step gave. */
type Tried = { readonly email: string } | { readonly challenge: string };

type Failure = Extract<AuditEntry['action'], 'sign_in.failed' | 'sign_in.second_factor_failed'>;
const failures: { readonly [code: string]: Failure } = {
  sign_in_refused: 'sign_in.failed',
  account_suspended: 'sign_in.failed',
  code_refused: 'sign_in.second_factor_failed',
};

/** Signs somebody in. A wrong password, and a wrong second factor, stand in the audit log. */
export const noteIfRefused = async <Result>(
  request: Request,
  tried: Tried,
  signIn: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await signIn();
  } catch (error) {
    const action = error instanceof HttpProblem ? failures[error.code] : undefined;
    if (action) await noteFailedSignIn(request, tried, action);
    throw error;
  }
};

/**
 * Every organisation of the account hears of it; of an account that is not there, the one that this installation began
 * with, and without the address that was tried: it may be a password in the wrong field.
 */
const noteFailedSignIn = async (request: Request, tried: Tried, action: Failure): Promise<void> => {
  if (!(await isWithinBudget(request))) return;
  await withSystem(request.db, async (tx) => {
    const account = await accountsOf(tx, tried);
    const known = account[0];
    const orgIds = known ? account.map(({ orgId }) => orgId) : await firstOrg(tx);
    const target = known
      ? { kind: 'user', id: known.id, name: known.name }
      : { kind: 'user', id: 'unknown', name: 'an unknown account' };
    // In one order: two who fail at once lock the ends of the same chains.
    for (const orgId of orgIds) {
      await audit(tx, { ...request, caller: { ...somebody, orgId } }, { action, target });
    }
  });
};

const accountsOf = (tx: Transaction, tried: Tried) => {
  const isMeant =
    'email' in tried
      ? eq(users.email, tried.email.toLowerCase())
      : inArray(
          users.id,
          tx
            .select({ id: signInChallenges.userId })
            .from(signInChallenges)
            .where(eq(signInChallenges.tokenHash, hashToken(tried.challenge))),
        );
  return tx
    .select({ id: users.id, name: users.name, orgId: members.organizationId })
    .from(users)
    .innerJoin(members, eq(members.userId, users.id))
    .where(isMeant)
    .orderBy(asc(members.organizationId))
    .limit(mostOrgs);
};

/** The organisation that this installation began with hears of what concerns no other. */
export const firstOrg = async (tx: Transaction): Promise<string[]> => {
  const rows = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .orderBy(asc(organizations.createdAt), asc(organizations.id))
    .limit(1);
  return rows.map(({ id }) => id);
};
