import type { SetVariable, Variable } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { count, eq, sql } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { checkValue } from './check-value.ts';
import { holdKey, ofCaller, refuseInUse, said, shownValue, toVariable, usesOfVariable } from './to-variable.ts';

const { variables } = tables;

const mostVariables = 500;

/** Adds or replaces a variable. Runs that have begun keep what they began with; a secret one holds at once. */
export const setVariable = async (context: ServiceContext, name: string, given: SetVariable): Promise<Variable> => {
  checkValue(given);
  await holdKey(context, name);
  const { db, caller, ring } = context;
  const { orgId } = caller;
  const { type, value } = given;
  const valueSealed = await ring.sealJson(orgId, value, additionalData.variableValue(orgId, name));
  return withOrg(db, orgId, async (tx) => {
    // One change at a time: the audit trail says what each has replaced, and nothing goes over the most.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`variables ${orgId}`}, 0))`);
    const [before] = await tx.select().from(variables).where(ofCaller(context, name));
    if (!before) await refuseTooMany(tx, orgId);
    else if ((before.type === 'secret') !== (type === 'secret')) {
      await refuseInUse(tx, context, name, 'Whether it is secret is part of them: change or deactivate them first.');
    }
    const change = { type, valueSealed, updatedBy: caller.name, updatedAt: new Date() };
    const [row] = await tx
      .insert(variables)
      .values({ orgId, name, ...change })
      .onConflictDoUpdate({ target: [variables.orgId, variables.name], set: change })
      .returning();
    if (!row) throw new Error(`The variable ${name} was not stored.`);
    await audit(tx, context, {
      action: before ? 'variable.changed' : 'variable.created',
      target: { kind: 'variable', id: name, name },
      ...(before && { before: said(before, await shownValue(context, before)) }),
      after: said(row, value),
    });
    const shown = type === 'secret' ? null : value;
    return toVariable(row, shown, (await usesOfVariable(tx, context, name)).get(name));
  });
};

const refuseTooMany = async (tx: Transaction, orgId: string): Promise<void> => {
  const [row] = await tx.select({ count: count() }).from(variables).where(eq(variables.orgId, orgId));
  if ((row?.count ?? 0) < mostVariables) return;
  throw problem(
    'variable_invalid',
    `Your org has ${mostVariables} variables, as many as are possible. Delete one first.`,
  );
};
