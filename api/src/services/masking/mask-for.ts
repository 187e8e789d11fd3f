import { tables, type Transaction } from '@everwave/schema/db';
import { createMask, type Mask } from '@everwave/schema/run';
import { and, eq } from 'drizzle-orm';
import { lacking } from '../../auth/permissions.ts';
import type { ServiceContext } from '../../context.ts';
import { audit } from '../audit.ts';
import { inThisSitting } from '../audit/in-this-sitting.ts';
import { mayWithFlow } from '../flows/may-with-flow.ts';

const { auditEvents, maskedFields } = tables;

/** What an org keeps from being read; null where that is nothing. */
export const maskOf = async (tx: Transaction, orgId: string): Promise<Mask | null> => {
  const rows = await tx.select({ field: maskedFields.field }).from(maskedFields).where(eq(maskedFields.orgId, orgId));
  return rows.length === 0 ? null : createMask(rows.map(({ field }) => field));
};

/** What is looked at: a run, or what came before it or of it. */
export interface Looked {
  readonly flowId: string;
  readonly target: { readonly kind: 'run' | 'deadLetter' | 'delivery'; readonly id: string };
  /** Whether masked fields are to be shown. */
  readonly unmask: boolean | undefined;
}

/** The mask for one look. Null where all of it is shown, because nothing is masked or because that was asked for: the log says so. */
export const maskFor = async (
  tx: Transaction,
  context: Pick<ServiceContext, 'caller' | 'requestId' | 'client'>,
  { flowId, target, unmask }: Looked,
): Promise<Mask | null> => {
  const { caller } = context;
  if (unmask && !(await mayWithFlow(tx, caller, flowId)).includes('values:unmask')) {
    throw lacking(caller, 'values:unmask');
  }
  const mask = await maskOf(tx, caller.orgId);
  if (!mask || !unmask) return mask;
  if (!(await isLooking(tx, context, target))) await audit(tx, context, { action: 'values.unmasked', target });
  return null;
};

/** A page that is open reads anew by itself. */
const isLooking = async (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
  { kind, id }: Looked['target'],
): Promise<boolean> => {
  const ofLook = and(
    eq(auditEvents.orgId, caller.orgId),
    eq(auditEvents.action, 'values.unmasked'),
    eq(auditEvents.actorId, caller.id),
    eq(auditEvents.targetKind, kind),
    eq(auditEvents.targetId, id),
    inThisSitting,
  );
  return (await tx.$count(auditEvents, ofLook)) > 0;
};
