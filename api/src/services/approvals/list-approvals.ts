import type { ApprovalList, ListApprovalsQuery } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, count, desc, eq, not, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { within } from '../../auth/within.ts';
import type { Caller, ServiceContext } from '../../context.ts';
import { maskOf } from '../masking/mask-for.ts';
import { idOfCursor, toPage } from '../page.ts';
import { toApproval } from './to-approval.ts';

const { approvals, flows } = tables;
const last = alias(approvals, 'last');

const isOpen = eq(approvals.status, 'open');

/** In the database what `isForCaller` says of a row. */
const isForCaller = ({ role, email, id }: Caller) =>
  and(
    sql`(${role}::text = any(${approvals.roles}) or ${email?.toLowerCase() ?? null}::text = any(${approvals.people}))`,
    not(sql`${id}::text = any(${approvals.answeredBy})`),
  );

/** Their ids follow from run and step, and do not sort by age. */
const olderThan = (tx: Transaction, orgId: string, approvalId: string) => {
  const cursor = tx
    .select({ openedAt: last.openedAt, id: last.id })
    .from(last)
    .where(and(eq(last.orgId, orgId), eq(last.id, approvalId)));
  return sql`(${approvals.openedAt}, ${approvals.id}) < (${cursor})`;
};

/** What people were asked, newest first. */
export const listApprovals = async (context: ServiceContext, query: ListApprovalsQuery): Promise<ApprovalList> => {
  const { db, caller } = context;
  const after = idOfCursor(query.cursor);
  const ofOrg = and(eq(approvals.orgId, caller.orgId), within(context, 'flow', approvals.flowId));
  const { rows, open, mask } = await withOrg(db, caller.orgId, async (tx) => {
    const [waiting] = await tx
      .select({ count: count() })
      .from(approvals)
      .where(and(ofOrg, isOpen, isForCaller(caller)));
    const found = await tx
      .select({ id: approvals.id, approval: approvals, flowName: flows.name })
      .from(approvals)
      .innerJoin(flows, eq(flows.id, approvals.flowId))
      .where(
        and(
          ofOrg,
          query.state === 'all' ? undefined : isOpen,
          query.state === 'mine' ? isForCaller(caller) : undefined,
          query.runId ? eq(approvals.runId, query.runId) : undefined,
          query.path ? eq(approvals.path, query.path) : undefined,
          after ? olderThan(tx, caller.orgId, after) : undefined,
        ),
      )
      .orderBy(desc(approvals.openedAt), desc(approvals.id))
      .limit(query.limit + 1);
    return { rows: found, open: waiting?.count ?? 0, mask: await maskOf(tx, caller.orgId) };
  });
  const { items, nextCursor } = toPage(rows, query.limit, (row) => row);
  const opened = items.map(({ approval, flowName }) => toApproval(context, approval, flowName, mask));
  return { items: await Promise.all(opened), nextCursor, open };
};
