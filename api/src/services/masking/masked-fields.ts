import type { MaskedField } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, asc, count, eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';

const { maskedFields } = tables;

const mostFields = 200;

export const listMaskedFields = async ({ db, caller }: ServiceContext): Promise<{ items: MaskedField[] }> => {
  const rows = await withOrg(db, caller.orgId, (tx) =>
    tx.select().from(maskedFields).where(eq(maskedFields.orgId, caller.orgId)).orderBy(asc(maskedFields.field)),
  );
  return { items: rows.map(toMaskedField) };
};

/** From the next look on, also at what is recorded already. Safe to repeat. */
export const maskField = (context: ServiceContext, field: string): Promise<MaskedField> => {
  const { db, caller } = context;
  return withOrg(db, caller.orgId, async (tx) => {
    const [row] = await tx
      .insert(maskedFields)
      .values({ orgId: caller.orgId, field, createdBy: caller.name })
      .onConflictDoNothing()
      .returning();
    if (row) {
      const [all] = await tx.select({ count: count() }).from(maskedFields).where(eq(maskedFields.orgId, caller.orgId));
      if ((all?.count ?? 0) > mostFields) {
        throw problem('masked_field_invalid', `Your org masks ${mostFields} fields, as many as are possible.`);
      }
      await audit(tx, context, {
        action: 'masked_field.added',
        target: { kind: 'maskedField', id: field, name: field },
        after: { field },
      });
    }
    const [known] = row ? [row] : await tx.select().from(maskedFields).where(ofCaller(context, field));
    if (!known) throw new Error(`The masked field ${field} was not stored.`);
    return toMaskedField(known);
  });
};

export const unmaskField = (context: ServiceContext, field: string): Promise<void> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const removed = await tx.delete(maskedFields).where(ofCaller(context, field)).returning();
    if (removed.length === 0) throw problem('masked_field_not_found', `Your org does not mask the field ${field}.`);
    await audit(tx, context, {
      action: 'masked_field.removed',
      target: { kind: 'maskedField', id: field, name: field },
      before: { field },
    });
  });

const ofCaller = ({ caller }: ServiceContext, field: string) =>
  and(eq(maskedFields.orgId, caller.orgId), eq(maskedFields.field, field));

const toMaskedField = ({ field, createdBy, createdAt }: typeof maskedFields.$inferSelect): MaskedField => ({
  field,
  createdBy,
  createdAt: createdAt.toISOString(),
});
