import type { MeterReading, MeterStore } from '@everwave/activities/worker';
import { type Database, tables, withOrg } from '@everwave/schema/db';

/** Meter readings in Postgres. The same reading twice is stored once. */
export const createMeterStore = (
  db: Database,
  onStored: (readings: readonly MeterReading[]) => void = () => {},
): MeterStore => ({
  record: async (readings) => {
    const [first] = readings;
    if (!first) return;
    await withOrg(db, first.orgId, (tx) =>
      tx.insert(tables.runMeters).values(readings.map(toRow)).onConflictDoNothing(),
    );
    onStored(readings);
  },
});

const toRow = ({ orgId, runId, path, ordinal, attempt, attemptAt, meter, unit, amount }: MeterReading) => ({
  orgId,
  runId,
  path,
  ordinal,
  attempt,
  attemptAt: new Date(attemptAt),
  meter,
  unit,
  amount: String(amount),
});
