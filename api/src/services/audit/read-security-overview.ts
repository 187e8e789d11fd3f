import type { SecurityOverview } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, count, eq, gte, inArray, sql } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';

const { auditEvents } = tables;

const day = 24 * 60 * 60 * 1_000;
const days = 30;
const failures = ['sign_in.failed', 'sign_in.second_factor_failed'] as const;
const refusals = ['access.refused', 'api_key.refused'] as const;

/** Failed sign-ins and refusals of the last 30 days, by day. */
export const readSecurityOverview = async (
  { db, caller }: ServiceContext,
  now = new Date(),
): Promise<SecurityOverview> => {
  const today = Math.floor(now.getTime() / day);
  const dayOf = sql<string>`to_char(${auditEvents.at} at time zone 'UTC', 'YYYY-MM-DD')`;
  const rows = await withOrg(db, caller.orgId, (tx) =>
    tx
      .select({ day: dayOf, action: auditEvents.action, count: count() })
      .from(auditEvents)
      .where(
        and(
          eq(auditEvents.orgId, caller.orgId),
          inArray(auditEvents.action, [...failures, ...refusals]),
          gte(auditEvents.at, new Date((today - days + 1) * day)),
        ),
      )
      .groupBy(dayOf, auditEvents.action),
  );
  return {
    days: Array.from({ length: days }, (_, index) => {
      const name = new Date((today - days + 1 + index) * day).toISOString().slice(0, 10);
      const ofDay = rows.filter((row) => row.day === name);
      const sum = (actions: readonly string[]): number =>
        ofDay.filter(({ action }) => actions.includes(action)).reduce((total, row) => total + row.count, 0);
      return { day: name, failedSignIns: sum(failures), refusals: sum(refusals) };
    }),
  };
};
