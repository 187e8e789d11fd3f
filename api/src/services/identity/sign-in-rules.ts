import type { SignInRules } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { audit } from '../audit.ts';

const { organizations } = tables;

export const readSignInRules = async ({ db, caller }: ServiceContext): Promise<SignInRules> => {
  const [org] = await db
    .select({ requiresSecondFactor: organizations.requiresSecondFactor })
    .from(organizations)
    .where(eq(organizations.id, caller.orgId));
  return { requiresSecondFactor: org?.requiresSecondFactor ?? false };
};

/** In force with the next request of every owner and admin. */
export const setSignInRules = async (context: ServiceContext, rules: SignInRules): Promise<SignInRules> => {
  const { db, caller } = context;
  await withOrg(db, caller.orgId, async (tx) => {
    await tx.update(organizations).set(rules).where(eq(organizations.id, caller.orgId));
    await audit(tx, context, {
      action: 'org.sign_in_rules_set',
      target: { kind: 'org', id: caller.orgId },
      details: { ...rules },
    });
  });
  return rules;
};
