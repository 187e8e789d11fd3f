import type { Readiness } from '@everwave/schema/api';
import { sql } from 'drizzle-orm';
import type { AppDependencies } from '../../context.ts';
import { withDeadline } from '../../with-deadline.ts';

const patience = 2_000;

/** Asks each dependency, for at most two seconds. */
export const checkReadiness = async ({ db, temporal, settings }: AppDependencies): Promise<Readiness> => {
  const [postgres, temporalCheck] = await Promise.all([
    check('Postgres', async () => {
      await db.execute(sql`select 1`);
    }),
    check('Temporal', () => temporal.check()),
  ]);
  const ready = postgres.ok && temporalCheck.ok;
  return {
    status: ready ? 'ready' : 'not_ready',
    version: settings.version,
    checks: { postgres, temporal: temporalCheck },
  };
};

const check = async (name: string, ask: () => Promise<void>): Promise<Readiness['checks']['postgres']> => {
  const startedAt = performance.now();
  const latencyMs = () => Math.round(performance.now() - startedAt);
  try {
    await withDeadline(ask(), patience);
    return { ok: true, latencyMs: latencyMs() };
  } catch {
    // The reason may name hosts and accounts, and this answer is public; the log of the failing calls has it.
    return { ok: false, latencyMs: latencyMs(), message: `${name} does not answer.` };
  }
};
