import { randomBytes, randomUUIDv7 } from 'node:crypto';
import type { MyOrg } from '@everwave/schema/api';
import { toId } from '@everwave/schema/ids';
import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import type { VisitorContext } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { problem } from '../../problems.ts';
import { instanceChain } from '../admin/instance-audit.ts';
import { audit } from '../audit.ts';
import { enterOrg } from './my-orgs.ts';
import { mayCreateOrg } from './may-create-org.ts';
import { refuseTakenSlug } from './org.ts';

const { members, organizations, users } = tables;

export interface NewOrg {
  readonly name: string;
  readonly slug?: string | undefined;
}

/** Whoever makes an org owns it, and their session works in it from now on. */
export const createOrg = async (context: VisitorContext, { name, slug }: NewOrg): Promise<MyOrg> => {
  if (slug !== undefined) return insert(context, name, slug).catch(refuseTakenSlug);
  const made = slugOf(name);
  return insert(context, name, made).catch((error: unknown) => {
    if (uniqueViolationOf(error) !== 'organizations_slug_unique') throw error;
    return insert(context, name, `${made.slice(0, 54)}-${randomBytes(4).toString('hex')}`);
  });
};

/** `Café Sol & Co.` becomes `cafe-sol-co`. */
const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '') || 'organisation';

const insert = (
  { db, visitor, settings, requestId, client }: VisitorContext,
  name: string,
  slug: string,
): Promise<MyOrg> =>
  withSystem(db, async (tx) => {
    const [person] = await tx.select().from(users).where(eq(users.id, visitor.userId));
    if (!person || !mayCreateOrg(settings, person)) {
      throw problem(
        'not_allowed',
        'Here the administrators of the installation make organisations. Ask one of them, with the name it shall have.',
      );
    }
    const orgId = toId('org', randomUUIDv7());
    const memberId = randomUUIDv7();
    await tx.insert(organizations).values({ id: orgId, name, slug });
    await tx.insert(members).values({ id: memberId, organizationId: orgId, userId: visitor.userId, role: 'owner' });
    for (const chain of [instanceChain, orgId]) {
      const caller = { kind: 'user', orgId: chain, id: visitor.userId, name: visitor.name };
      await audit(
        tx,
        { caller, requestId, client },
        { action: 'org.created', target: { kind: 'organization', id: orgId, name }, after: { name, slug } },
      );
    }
    await enterOrg(tx, { memberId, sessionId: visitor.sessionId, orgId });
    return { id: orgId, name, slug, role: 'owner' as const, isActive: true };
  });
