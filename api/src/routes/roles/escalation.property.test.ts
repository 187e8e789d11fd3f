import { type Permission, permissions, roles } from '@everwave/schema/api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findApiKeyCaller } from '../../auth/api-keys.ts';
import { callWith, createTestApi, type TestApi } from '../../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi({ limits: { callsPerMinute: 1_000_000 } });
});
afterAll(() => api.close());

const some = fc.subarray([...permissions]);
const pick = fc.nat({ max: 1_000 });

/** What one of those who work together tries next; numbers choose among what there is. */
const step = fc.record({
  actor: pick,
  deed: fc.constantFrom('make role', 'edit role', 'make key', 'make account', 'edit account'),
  target: pick,
  account: fc.option(pick),
  some,
  scopes: fc.option(some),
});

/** Nobody gains by any order of making and editing roles, keys and service accounts more than was given to them. */
it('those who work together never hold more, all in all, than the owner gave them', async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(some, fc.array(step, { minLength: 4, maxLength: 12 }), async (given, steps) => {
      const org = await api.createOrg();
      const owner = await org.as('owner');
      const first: Permission[] = [...new Set<Permission>([...given, 'roles:manage', 'apiKeys:manage'])];
      const role = (await owner('POST /v1/roles', { name: 'Given', permissions: first })).body.id;
      const keys = [(await owner('POST /v1/api-keys', { name: 'First', role })).body.key as string];
      const roleIds: string[] = [...roles, role];
      const accounts: string[] = [];
      const among = <T>(items: readonly T[], at: number): T | undefined => items[at % items.length];

      for (const [at, { actor, deed, target, account, some: wanted, scopes }] of steps.entries()) {
        const call = callWith(api.app, { 'x-api-key': among(keys, actor) ?? '' });
        const name = `${deed} ${at}`;
        const accountId = account === null ? undefined : among(accounts, account);
        const chosen = among(roleIds, target);
        switch (deed) {
          case 'make role': {
            const { status, body } = await call('POST /v1/roles', { name, permissions: wanted });
            if (status === 201) roleIds.push(body.id);
            break;
          }
          case 'edit role':
            if (chosen?.startsWith('role_')) await call(`PATCH /v1/roles/${chosen}`, { permissions: wanted });
            break;
          case 'make key': {
            const whose = accountId ? { serviceAccountId: accountId } : { role: chosen };
            const { status, body } = await call('POST /v1/api-keys', { name, scopes, ...whose });
            if (status === 201) keys.push(body.key);
            break;
          }
          case 'make account': {
            const { status, body } = await call('POST /v1/service-accounts', { name, role: chosen });
            if (status === 201) accounts.push(body.id);
            break;
          }
          case 'edit account':
            if (accountId) await call(`PATCH /v1/service-accounts/${accountId}`, { role: chosen });
            break;
        }
        made += 1;
      }
      for (const key of keys) {
        const held = [...((await findApiKeyCaller(api.db, key))?.permissions ?? [])];
        expect(held.filter((permission) => !first.includes(permission))).toEqual([]);
      }
    }),
    { numRuns: 40 },
  );
  expect(made).toBeGreaterThan(100);
}, 120_000);
