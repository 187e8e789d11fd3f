import { createHash } from 'node:crypto';
import { type Database, tables } from '@everwave/schema/db';
import { lt, sql } from 'drizzle-orm';
import { type RateLimit, tooMany } from './rate-limit.ts';

const { rateBudgets } = tables;

interface Budget {
  /** What is counted, such as `sign-in`: another budget for the same person under another name. */
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
}

/** One in so many tries also takes away what is over, so that nothing has to come by for it. */
const sweepEvery = 200;

/**
 * Counts in Postgres, for all api processes together: for what must not be had twice as often because there are two of
 * them, such as tries of a password. It costs a statement, so that budgets of ordinary calls are counted in memory.
 */
export const createSharedRateLimit = (db: Database, { name, points, seconds }: Budget): RateLimit => {
  let tries = 0;
  return {
    consume: async (key) => {
      tries += 1;
      const hashed = createHash('sha256')
        .update(JSON.stringify([name, key]))
        .digest('base64url');
      const over = sql`${rateBudgets.endsAt} <= now()`;
      const [budget] = await db
        .insert(rateBudgets)
        .values({ key: hashed, points: 1, endsAt: sql`now() + make_interval(secs => ${seconds})` })
        .onConflictDoUpdate({
          target: rateBudgets.key,
          set: {
            points: sql`case when ${over} then 1 else ${rateBudgets.points} + 1 end`,
            endsAt: sql`case when ${over} then excluded.ends_at else ${rateBudgets.endsAt} end`,
          },
        })
        .returning({
          points: rateBudgets.points,
          left: sql<number>`extract(epoch from ${rateBudgets.endsAt} - now())::float8`,
        });
      if (tries % sweepEvery === 0) await db.delete(rateBudgets).where(lt(rateBudgets.endsAt, sql`now()`));
      if (budget && budget.points > points) throw tooMany(budget.left);
    },
  };
};
