import type { MeterReading, MeterStore } from '@everwave/activities/worker';
import { type Database, inOrg } from '@everwave/schema/db';

/** Meter readings in Postgres. The same reading twice is stored once. */
export const createMeterStore = (
  db: Database,
  onStored: (readings: readonly MeterReading[]) => void = () => {},
): MeterStore => ({
  record: async (readings) => {
    const [first] = readings;
    if (!first) return;
    await inOrg(
      db,
      first.orgId,
      (sql) => sql`
        insert into run_meters (org_id, run_id, path, ordinal, attempt, attempt_at, meter, unit, amount)
        select org_id, run_id, path, ordinal, attempt, attempt_at, meter, unit, amount
        from jsonb_to_recordset(${JSON.stringify(readings.map(toRow))}::jsonb) as given (
          org_id text, run_id text, path text, ordinal integer, attempt integer, attempt_at timestamptz, meter text,
          unit text, amount text
        )
        on conflict do nothing`,
    );
    onStored(readings);
  },
});

const toRow = ({ orgId, runId, path, ordinal, attempt, attemptAt, meter, unit, amount }: MeterReading) => ({
  org_id: orgId,
  run_id: runId,
  path,
  ordinal,
  attempt,
  attempt_at: new Date(attemptAt),
  meter,
  unit,
  amount: String(amount),
});
