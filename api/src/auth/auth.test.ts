import { getTableColumns, type Table } from 'drizzle-orm';
import { getAuthTables } from 'better-auth/db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/test-api.ts';
import { authTables } from './create-auth.ts';
import { hashPassword, verifyPassword } from './password.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

describe('our tables', () => {
  it('have every column that better-auth and its plugins read and write, and no other that must be set', () => {
    const expected = getAuthTables(api.dependencies.auth.options);
    const ours: Readonly<Record<string, Table>> = authTables;
    for (const [model, { fields }] of Object.entries(expected)) {
      const table = ours[model];
      expect(table, `a table for ${model}`).toBeDefined();
      const columns = getTableColumns(table ?? authTables.user);
      const missing = Object.keys(fields).filter((field) => !(field in columns));
      expect({ model, missing }).toEqual({ model, missing: [] });
      const extra = Object.entries(columns).filter(
        ([name, column]) => name !== 'id' && !(name in fields) && column.notNull && !column.hasDefault,
      );
      expect({ model, extra: extra.map(([name]) => name) }).toEqual({ model, extra: [] });
    }
    expect(Object.keys(expected).toSorted()).toEqual(Object.keys(authTables).toSorted());
  });

  it('leave the cookie cache off and telemetry silent', () => {
    const { session, telemetry, emailAndPassword } = api.dependencies.auth.options;
    expect(session.cookieCache.enabled).toBe(false);
    expect(telemetry.enabled).toBe(false);
    expect(emailAndPassword.disableSignUp).toBe(true);
  });
});

describe('a password', () => {
  it('is verified against its own hash only', async () => {
    const hash = await hashPassword('correct horse battery');
    expect(await verifyPassword({ hash, password: 'correct horse battery' })).toBe(true);
    expect(await verifyPassword({ hash, password: 'correct horse batterz' })).toBe(false);
    expect(await hashPassword('correct horse battery')).not.toBe(hash);
  });

  it('means the same in either Unicode spelling', async () => {
    const hash = await hashPassword('naïve café owner');
    expect(await verifyPassword({ hash, password: 'naïve café owner'.normalize('NFD') })).toBe(true);
  });

  it.each(['', 'plain', '$2b$10$abcdefghijklmnopqrstuv', '$argon2id$v=19$m=19456,t=2,p=1$$'])(
    'never fits the foreign hash “%s”',
    async (hash) => {
      expect(await verifyPassword({ hash, password: '' })).toBe(false);
    },
  );
});
