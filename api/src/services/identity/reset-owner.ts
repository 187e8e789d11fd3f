import { tables, type Transaction, withSystem } from '@everwave/schema/db';
import { and, asc, eq, inArray, or } from 'drizzle-orm';
import type { AppDependencies } from '../../context.ts';
import { ownerResetMail } from '../../mail/templates/owner-reset.ts';
import { auditOfPerson } from './audit-of-person.ts';
import { writeLink } from './one-time-links.ts';

const { members, oneTimeLinks, organizations, users } = tables;

export interface OwnerResetOrder {
  readonly email: string;
  /** When the link is used, and not before: an order that was a mistake takes nothing away. */
  readonly removesSecondFactor: boolean;
}

export type OwnerReset =
  | { readonly ok: true; readonly link: string; readonly name: string; readonly isMailed: boolean }
  | { readonly ok: false; readonly refusal: string };

/**
 * Ordered on the machine itself, where nobody can sign in: a link that sets an owner's password. The session of whoever
 * still has one goes on until it is used.
 */
export const resetOwner = (
  {
    db,
    outbox,
    settings,
  }: Pick<AppDependencies, 'db' | 'settings'> & { readonly outbox: AppDependencies['outbox'] | null },
  { email, removesSecondFactor }: OwnerResetOrder,
  requestId: string,
): Promise<OwnerReset> =>
  withSystem(db, async (tx) => {
    const address = email.trim().toLowerCase();
    const owners = await ownersOf(tx);
    const owner = owners.find((each) => each.email === address);
    if (!owner) return { ok: false, refusal: await whyNot(tx, address, owners) };
    const { id: userId, name } = owner;
    const purpose = removesSecondFactor ? 'owner_reset_second_factor' : 'owner_reset';
    await tx
      .delete(oneTimeLinks)
      .where(
        and(
          eq(oneTimeLinks.userId, userId),
          inArray(oneTimeLinks.purpose, ['owner_reset', 'owner_reset_second_factor']),
        ),
      );
    const token = await writeLink(tx, { purpose, userId, email: address });
    const link = `${settings.webUrl}/reset-password?token=${token}`;
    const asked = { requestId, client: { address: null, userAgent: null } };
    await auditOfPerson(tx, asked, owner, 'user.owner_reset_ordered', {
      by: { kind: 'system', id: 'terminal', name: 'The terminal' },
      details: { removesSecondFactor },
    });
    await outbox?.write(tx, address, ownerResetMail(link));
    return { ok: true, link, name, isMailed: outbox !== null };
  });

interface Owner {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly orgs: readonly string[];
}

/** Whoever owns an organisation here, or looks after the installation. */
const ownersOf = async (tx: Transaction): Promise<Owner[]> => {
  const rows = await tx
    .select({ id: users.id, name: users.name, email: users.email, org: organizations.name })
    .from(users)
    .leftJoin(members, and(eq(members.userId, users.id), eq(members.role, 'owner')))
    .leftJoin(organizations, eq(organizations.id, members.organizationId))
    .where(or(eq(users.isInstanceAdmin, true), eq(members.role, 'owner')))
    .orderBy(asc(users.createdAt), asc(users.id), asc(organizations.name));
  const byId = new Map<string, Owner>();
  for (const { org, ...person } of rows) {
    const known = byId.get(person.id)?.orgs ?? [];
    byId.set(person.id, { ...person, orgs: org === null ? known : [...known, org] });
  }
  return [...byId.values()];
};

const listed = 20;

const whyNot = async (tx: Transaction, address: string, owners: readonly Owner[]): Promise<string> => {
  if (owners.length === 0) {
    return 'This installation has no owner yet. Start Everwave: it prints the one-time link that makes the first one.';
  }
  const [person] = await tx.select({ id: users.id }).from(users).where(eq(users.email, address));
  const what = person
    ? `${address} has an account here and owns no organisation. “Forgot the password?” on the sign-in page helps, or an owner or admin invites them again.`
    : `Nobody here has the address ${address}.`;
  const lines = owners
    .slice(0, listed)
    .map(({ name, email, orgs }) => `  ${email}  ${name}${orgs.length > 0 ? `, owner of ${orgs.join(', ')}` : ''}`);
  const more = owners.length > listed ? [`  and ${owners.length - listed} more`] : [];
  return [what, 'Give the address of one of the owners:', ...lines, ...more].join('\n');
};
