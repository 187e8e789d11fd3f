import type { Meter } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import { and, asc, eq, sql } from 'drizzle-orm';
import type { RunRow } from './find-run.ts';

const { runMeters } = tables;

/** What a run's steps used, by step, and altogether. */
export interface RunUsage {
  readonly total: Usage;
  of(step: { readonly path: string; readonly ordinal: number }): Usage;
}

export interface Usage {
  readonly meters: Meter[];
  /** `null`: nothing has a price. */
  readonly costUsd: number | null;
}

type Row = Meter & { readonly path: string; readonly ordinal: number };

export const usageOf = async (tx: Transaction, run: Pick<RunRow, 'id' | 'orgId'>): Promise<RunUsage> => {
  const { path, ordinal, meter, unit } = runMeters;
  const rows: Row[] = await tx
    .select({ path, ordinal, meter, unit, amount: sql`sum(${runMeters.amount}::numeric)`.mapWith(Number) })
    .from(runMeters)
    .where(and(eq(runMeters.runId, run.id), eq(runMeters.orgId, run.orgId)))
    .groupBy(path, ordinal, meter, unit)
    .orderBy(asc(path), asc(ordinal), asc(meter));
  return {
    total: add(rows),
    of: (step) => add(rows.filter((row) => row.path === step.path && row.ordinal === step.ordinal)),
  };
};

const add = (rows: readonly Row[]): Usage => {
  const sums = new Map<string, Meter>();
  for (const { meter, unit, amount } of rows) {
    const key = `${meter} ${unit}`;
    sums.set(key, { meter, unit, amount: withoutDust((sums.get(key)?.amount ?? 0) + amount) });
  }
  const meters = [...sums.values()];
  const priced = meters.filter(({ unit }) => unit === 'USD');
  const costUsd = priced.length === 0 ? null : withoutDust(priced.reduce((sum, { amount }) => sum + amount, 0));
  return { meters, costUsd };
};

/** Binary fractions do not add up to the last digit; what a token costs ends long before that. */
const withoutDust = (amount: number): number => Math.round(amount * 1e10) / 1e10;
