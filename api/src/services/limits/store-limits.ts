import { tables, type Transaction } from '@everwave/schema/db';
import type { LimitKind, RunLimit, StepLimit, WhenFull } from '@everwave/schema/run';
import { and, eq, inArray } from 'drizzle-orm';

const { limits, stepPaces, stepWaits } = tables;

export type LimitRow = typeof limits.$inferSelect;

/** As requests say it. */
export type AskedStepLimit = Omit<StepLimit, 'rate'> & {
  readonly rate: { readonly count: number; readonly seconds: number; readonly burst?: number | undefined } | null;
};
export type AskedFlowLimit = RunLimit & { readonly whenFull: WhenFull };

export interface LimitToSet {
  readonly subject: string;
  readonly kind: LimitKind;
  /** null removes it. */
  readonly limit: (AskedStepLimit & { readonly whenFull?: WhenFull }) | null;
}

/** Sets these limits; one that limits nothing is none. A step limit that changed begins anew: nobody waits by the old one. */
export const storeLimits = async (
  tx: Transaction,
  { orgId, name }: { readonly orgId: string; readonly name: string },
  wanted: readonly LimitToSet[],
): Promise<void> => {
  for (const { subject, kind, limit } of wanted) {
    await tx.delete(limits).where(and(eq(limits.orgId, orgId), eq(limits.subject, subject), eq(limits.kind, kind)));
    if (limit === null || isEmpty(limit)) continue;
    await tx.insert(limits).values({
      orgId,
      subject,
      kind,
      atOnce: limit.atOnce,
      rateCount: limit.rate?.count ?? null,
      rateSeconds: limit.rate?.seconds ?? null,
      burst: kind === 'steps' && limit.rate ? (limit.rate.burst ?? burstOf(limit.rate)) : null,
      whenFull: limit.whenFull ?? null,
      updatedBy: name,
    });
  }
  const ofSteps = wanted.filter(({ kind }) => kind === 'steps').map(({ subject }) => subject);
  if (ofSteps.length === 0) return;
  await tx.delete(stepPaces).where(and(eq(stepPaces.orgId, orgId), inArray(stepPaces.subject, ofSteps)));
  await tx.delete(stepWaits).where(and(eq(stepWaits.orgId, orgId), inArray(stepWaits.subject, ofSteps)));
};

/** A flow's own limit that limits nothing is kept: it lifts what holds for each flow. */
const isEmpty = ({ atOnce, rate, whenFull }: NonNullable<LimitToSet['limit']>): boolean =>
  atOnce === null && rate === null && whenFull === undefined;

/** What one second brings, and at least one. */
const burstOf = ({ count, seconds }: { readonly count: number; readonly seconds: number }): number =>
  Math.max(1, Math.floor(count / seconds));

/** Removes the limits of a flow's nodes that are not among these. */
export const keepNodeLimits = async (
  tx: Transaction,
  orgId: string,
  stored: readonly LimitRow[],
  kept: readonly string[],
): Promise<void> => {
  const gone = stored.map(({ subject }) => subject).filter((subject) => !kept.includes(subject));
  if (gone.length === 0) return;
  await tx.delete(limits).where(and(eq(limits.orgId, orgId), eq(limits.kind, 'steps'), inArray(limits.subject, gone)));
};

export const toRunLimit = (row: LimitRow | undefined): RunLimit => ({
  atOnce: row?.atOnce ?? null,
  rate:
    row === undefined || row.rateCount === null || row.rateSeconds === null
      ? null
      : { count: row.rateCount, seconds: row.rateSeconds },
});

export const toFlowLimit = (row: LimitRow | undefined): AskedFlowLimit => ({
  ...toRunLimit(row),
  whenFull: row?.whenFull ?? 'wait',
});

export const toStepLimit = (row: LimitRow | undefined): StepLimit => {
  const { atOnce, rate } = toRunLimit(row);
  return { atOnce, rate: rate && { ...rate, burst: row?.burst ?? 1 } };
};
