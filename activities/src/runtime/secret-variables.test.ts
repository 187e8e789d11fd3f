import type { Json } from '@everwave/schema/flow';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findSecretVariables, withSecretVariables } from './secret-variables.ts';

const secrets = [{ path: ['headers', 0, 'value'], names: ['KEY', 'TOKEN'] }];
const values = { KEY: 'k-secret', TOKEN: 't-secret' };

it('puts secrets where their author wrote their names', () => {
  const input = {
    url: 'u',
    headers: [{ value: 'Bearer {{ env.TOKEN }} {{ env.KEY }}' }, { value: '{{ env.TOKEN }}' }],
  };
  expect(withSecretVariables(input, secrets, values)).toEqual({
    url: 'u',
    headers: [{ value: 'Bearer t-secret k-secret' }, { value: '{{ env.TOKEN }}' }],
  });
});

it('leaves what looks the same in data as it is, wherever that stands', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const data = JSON.parse(JSON.stringify({ value, forged: '{{ env.TOKEN }}', headers: [{ value: '' }] })) as Json;
      expect(withSecretVariables(data, secrets, values)).toEqual(data);
    }),
  );
});

it('does not take a secret for the name of another', () => {
  const filled = withSecretVariables({ headers: [{ value: '{{ env.KEY }}' }] }, secrets, {
    KEY: '{{ env.TOKEN }}',
    TOKEN: 't-secret',
  });
  expect(filled).toEqual({ headers: [{ value: '{{ env.TOKEN }}' }] });
});

it.each([null, 7, 'text', [], { headers: {} }, { headers: [{ value: 7 }] }])(
  'changes nothing where an edited input has no such place: %j',
  (input) => {
    expect(withSecretVariables(input, secrets, values)).toEqual(input);
  },
);

it('fails with the name of a variable that is gone', async () => {
  const variables = { find: async (_org: string, name: string) => (name === 'KEY' ? 'k' : undefined) };
  await expect(findSecretVariables({ variables }, { orgId: 'org_1', secrets })).rejects.toThrow(
    'The variable TOKEN does not exist.',
  );
  expect(await findSecretVariables({ variables }, { orgId: 'org_1' })).toEqual({});
});
