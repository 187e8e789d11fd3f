import { tables, type Transaction } from '@everwave/schema/db';
import type { LimitKind } from '@everwave/schema/run';
import { and, eq, inArray, or, sql } from 'drizzle-orm';
import type { LimitRow } from './store-limits.ts';

const { limits } = tables;

export interface FoundLimits {
  of(subject: string, kind: LimitKind): LimitRow | undefined;
  readonly rows: readonly LimitRow[];
}

/** The limits of these subjects, and of those below them. */
export const findLimits = async (
  tx: Transaction,
  orgId: string,
  subjects: readonly string[],
  below?: string,
): Promise<FoundLimits> => {
  const rows = await tx
    .select()
    .from(limits)
    .where(
      and(
        eq(limits.orgId, orgId),
        or(
          inArray(limits.subject, [...subjects]),
          below === undefined ? undefined : sql`starts_with(${limits.subject}, ${`${below}/`})`,
        ),
      ),
    );
  return { rows, of: (subject, kind) => rows.find((row) => row.subject === subject && row.kind === kind) };
};
