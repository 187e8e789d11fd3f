import type { Org } from '@everwave/schema/api';
import { orgIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { lockOrg } from '../members/lock-org.ts';

const { organizations } = tables;

export const getOrg = async (tx: Transaction, orgId: string): Promise<Org> => {
  const { id, name, slug } = organizations;
  const [row] = await tx.select({ id, name, slug }).from(organizations).where(eq(id, orgId));
  if (!row) throw problem('organisation_not_found', 'Your organisation was deleted.');
  return { ...row, id: orgIdSchema.parse(row.id) };
};

export const readOrg = ({ db, caller }: ServiceContext): Promise<Org> =>
  withOrg(db, caller.orgId, (tx) => getOrg(tx, caller.orgId));

export interface OrgChange {
  readonly name?: string | undefined;
  readonly slug?: string | undefined;
}

export const updateOrg = (context: ServiceContext, change: OrgChange): Promise<Org> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { orgId } = context.caller;
    await lockOrg(tx, orgId);
    const before = await getOrg(tx, orgId);
    const after = { name: change.name ?? before.name, slug: change.slug ?? before.slug };
    if (after.name === before.name && after.slug === before.slug) return before;
    await tx.update(organizations).set(after).where(eq(organizations.id, orgId));
    await audit(tx, context, {
      action: 'org.updated',
      target: { kind: 'organization', id: orgId, name: after.name },
      before: { name: before.name, slug: before.slug },
      after,
    });
    return { ...before, ...after };
  }).catch(refuseTakenSlug);

export const refuseTakenSlug = (error: unknown): never => {
  if (uniqueViolationOf(error) !== 'organizations_slug_unique') throw error;
  throw problem('name_taken', 'Another organisation of this installation has this slug. Choose another one.', {
    errors: [{ path: 'slug', message: 'This slug is taken.' }],
  });
};
