import type { SetVariable, Variable } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import type { VariableType } from '@everwave/schema/flow';
import { additionalData } from '@everwave/temporal/encryption';
import { count, eq, sql } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { checkValue } from './check-value.ts';
import { holdKey, ofCaller, refuseInUse, said, shownValue, toVariable, usesOfVariable } from './to-variable.ts';

const { variables } = tables;

const mostVariables = 500;

export interface VariableOrder extends SetVariable {
  /** Adds one, and changes none that is there. */
  readonly isNew: boolean;
}

/** Adds or changes a variable. Runs that have begun keep what they began with; a secret one holds at once. */
export const setVariable = async (context: ServiceContext, name: string, given: VariableOrder): Promise<Variable> => {
  checkValue(given);
  await holdKey(context, name);
  const { db, caller, ring } = context;
  const { orgId } = caller;
  const { type, value } = given;
  const sealed =
    value === undefined ? null : await ring.sealJson(orgId, value, additionalData.variableValue(orgId, name));
  return withOrg(db, orgId, async (tx) => {
    // One change at a time: the audit trail says what each has replaced, and nothing goes over the most.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`variables ${orgId}`}, 0))`);
    const [before] = await tx.select().from(variables).where(ofCaller(context, name)).for('update');
    if (!before) await refuseTooMany(tx, orgId);
    else if (given.isNew) throw nameTaken(name);
    else if (before.type !== type) {
      await refuseInUse(
        tx,
        context,
        name,
        `They expect it to be of type ${before.type}: change or deactivate them first.`,
      );
    }
    const valueSealed = sealed ?? (before?.type === type ? before.valueSealed : null);
    if (!valueSealed) throw valueMissing(type);
    const description = given.description ?? before?.description ?? '';
    const change = { type, description, valueSealed, updatedBy: caller.name, updatedAt: new Date() };
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
      after: said(row, await shownValue(context, row)),
    });
    return toVariable(row, await shownValue(context, row), (await usesOfVariable(tx, context, name)).get(name));
  });
};

const nameTaken = (name: string) =>
  problem('name_taken', `Another variable is called ${name}. Choose another name, or edit that one.`, {
    errors: [{ path: 'name', message: 'This name is taken.' }],
  });

const valueMissing = (type: VariableType) =>
  problem(
    'variable_invalid',
    `A variable of type ${type} needs a value: there is none of this type that it could keep.`,
    {
      errors: [{ path: 'value', message: 'Enter the value.' }],
    },
  );

const refuseTooMany = async (tx: Transaction, orgId: string): Promise<void> => {
  const [row] = await tx.select({ count: count() }).from(variables).where(eq(variables.orgId, orgId));
  if ((row?.count ?? 0) < mostVariables) return;
  throw problem(
    'variable_invalid',
    `Your org has ${mostVariables} variables, as many as are possible. Delete one first.`,
  );
};
