import { tables } from '@everwave/schema/db';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { HttpProblem } from '../problems.ts';
import { callWith, createTestApi, type TestApi } from '../testing/test-api.ts';
import { createSharedRateLimit } from './shared-rate-limit.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi({ limits: { signInsPerMinute: 4 } });
});
afterAll(() => api.close());

const budget = { name: 'test', points: 5, seconds: 60 };

/** How many of these tries were let through. */
const passed = async (tries: readonly Promise<void>[]): Promise<number> => {
  const results = await Promise.allSettled(tries);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(HttpProblem);
  }
  return results.filter(({ status }) => status === 'fulfilled').length;
};

describe('a budget in Postgres', () => {
  it('is one for all processes, also when they ask at the same moment', async () => {
    const processes = [1, 2, 3].map(() => createSharedRateLimit(api.db, budget));
    const tries = Array.from({ length: 30 }, (_, index) => processes[index % 3]?.consume('ada') ?? Promise.reject());
    expect(await passed(tries)).toBe(5);
    expect(await passed([createSharedRateLimit(api.db, budget).consume('ben')])).toBe(1);
    expect(await passed([createSharedRateLimit(api.db, { ...budget, name: 'other' }).consume('ada')])).toBe(1);
  });

  it('says when it begins anew, and then does', async () => {
    const limit = createSharedRateLimit(api.db, { ...budget, name: 'anew', points: 1 });
    await limit.consume('ada');
    const refusal = await limit.consume('ada').catch((error: unknown) => error);
    const wait = Number((refusal as HttpProblem).headers['retry-after']);
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(60);
    await api.db.update(tables.rateBudgets).set({ endsAt: sql`now()` });
    await limit.consume('ada');
    expect(await passed([limit.consume('ada')])).toBe(0);
  });

  it('names nobody, and goes away once it is over', async () => {
    const limit = createSharedRateLimit(api.db, { ...budget, name: 'sweep', points: 1_000 });
    await limit.consume('ada@example.org');
    const rows = await api.db.select().from(tables.rateBudgets);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain('ada');
    await api.db.update(tables.rateBudgets).set({ endsAt: sql`now() - interval '1 second'` });
    for (let count = 0; count < 200; count += 1) await limit.consume('carl@example.org');
    expect(await api.db.$count(tables.rateBudgets)).toBe(1);
  });
});

it('tries to sign in to one account are counted over two processes', async () => {
  const { email } = await (await api.createOrg()).addPerson('owner');
  const calls = [api.app, createApp(api.dependencies)].map((app) => callWith(app));
  const statuses = [];
  for (let count = 0; count < 6; count += 1) {
    const answer = await calls[count % 2]?.('POST /auth/sign-in/email', { email, password: 'not the password' });
    statuses.push(answer?.status);
    if (answer?.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 429, 429]);
});
