import type { ExportAuditQuery } from '@everwave/schema/api';
import { tables } from '@everwave/schema/db';
import { and, eq, gte, ilike, isNotNull, like, lt, or, type SQL } from 'drizzle-orm';
import { contains } from '../like.ts';

const { auditEvents } = tables;

export type AuditFilter = Omit<ExportAuditQuery, 'format'>;

/** The entries of one org that a person looks for. */
export const auditFilter = (orgId: string, { actor, action, target, from, until }: AuditFilter): SQL | undefined =>
  and(
    eq(auditEvents.orgId, orgId),
    isNotNull(auditEvents.number),
    actor ? or(eq(auditEvents.actorId, actor), ilike(auditEvents.actorName, contains(actor))) : undefined,
    target ? or(eq(auditEvents.targetId, target), ilike(auditEvents.targetName, contains(target))) : undefined,
    action ? or(...action.map(isAction)) : undefined,
    from ? gte(auditEvents.at, new Date(from)) : undefined,
    until ? lt(auditEvents.at, new Date(until)) : undefined,
  );

/** `flow` stands for everything that is done to flows. In a pattern `_` would stand for any sign. */
const isAction = (action: string): SQL =>
  action.includes('.')
    ? eq(auditEvents.action, action)
    : like(auditEvents.action, `${action.replaceAll('_', String.raw`\_`)}.%`);
