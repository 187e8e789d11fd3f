import { tables, withOrg } from '@everwave/schema/db';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { holdKey, ofCaller, refuseInUse, said, shownValue } from './to-variable.ts';

const { variables } = tables;

/** Refused while a flow that is on reads it: its next run would stop there. */
export const deleteVariable = async (context: ServiceContext, name: string): Promise<void> => {
  const { db, caller } = context;
  await holdKey(context, name);
  await withOrg(db, caller.orgId, async (tx) => {
    const [row] = await tx.select().from(variables).where(ofCaller(context, name)).for('update');
    if (!row) throw problem('variable_not_found', `Your org has no variable ${name}.`);
    await refuseInUse(tx, context, name, 'Change or deactivate them first.');
    await tx.delete(variables).where(ofCaller(context, name));
    await audit(tx, context, {
      action: 'variable.deleted',
      target: { kind: 'variable', id: name, name },
      before: said(row, await shownValue(context, row)),
    });
  });
};
