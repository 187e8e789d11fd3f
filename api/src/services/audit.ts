import type { AuditAction } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import type { Client, ServiceContext } from '../context.ts';
import { changesOf, type Fields } from './audit-changes.ts';

export interface AuditEntry {
  /** `flow.published`. A new one gets its sentence in schema/src/api/audit-actions.ts. */
  readonly action: AuditAction;
  /** `name` is what it is called now: the entry outlives it. */
  readonly target: { readonly kind: string; readonly id: string; readonly name?: string | null };
  /** Ids, names and numbers; never a secret or a step's value. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The settings before the change, none when it made the target. Only what differs is kept, and of secrets only that. */
  readonly before?: Fields;
  /** The same fields after it, none when it removed the target. */
  readonly after?: Fields;
}

/** Who acts: a request's caller, or who asked for what is carried out now. */
export interface AuditContext {
  readonly caller: Pick<ServiceContext['caller'], 'orgId' | 'id' | 'name'> & { readonly kind: string };
  readonly requestId: string;
  readonly client?: Client;
}

/** Written in the transaction of the change itself: neither exists without the other. */
export const audit = async (
  tx: Transaction,
  { caller, requestId, client }: AuditContext,
  { action, target, details = {}, before, after }: AuditEntry,
): Promise<void> => {
  await tx.insert(tables.auditEvents).values({
    orgId: caller.orgId,
    actorKind: caller.kind,
    actorId: caller.id,
    actorName: caller.name,
    action,
    targetKind: target.kind,
    targetId: target.id,
    targetName: target.name ?? null,
    details,
    changes: changesOf(before, after),
    requestId,
    address: client?.address ?? null,
    userAgent: client?.userAgent ?? null,
  });
};
