import { tables, type Transaction } from '@everwave/schema/db';
import type { ServiceContext } from '../context.ts';

export interface AuditEntry {
  /** `flow.published`, `run.step_retried`. */
  readonly action: string;
  readonly target: { readonly kind: string; readonly id: string };
  /** Ids, names and numbers; never a secret or a step's value. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Who acts: a request's caller, or who asked for what is carried out now. */
export interface AuditContext {
  readonly caller: Pick<ServiceContext['caller'], 'orgId' | 'id' | 'name'>;
  readonly requestId: string;
}

/** Written in the transaction of the change itself: neither exists without the other. */
export const audit = async (
  tx: Transaction,
  { caller, requestId }: AuditContext,
  { action, target, details = {} }: AuditEntry,
): Promise<void> => {
  await tx.insert(tables.auditEvents).values({
    orgId: caller.orgId,
    actorId: caller.id,
    actorName: caller.name,
    action,
    targetKind: target.kind,
    targetId: target.id,
    details,
    requestId,
  });
};
