import { describe, expect, it } from 'vitest';
import { useStubApi } from './testing/use-stub-api.ts';

const field = { field: 'card.number', createdBy: 'Noor Haddad', createdAt: '2026-03-01T12:00:00.000Z' };
const { everwave, calls, printed, complained } = useStubApi(({ method, url }) =>
  method === 'GET' && url === '/v1/masked-fields' ? { items: [field] } : field,
);

describe('everwave masked-field', () => {
  it('lists, masks and shows again', async () => {
    expect(await everwave('masked-field', 'list')).toBe(0);
    expect(printed.join('\n')).toMatch(/card\.number +Noor Haddad/);
    expect(await everwave('masked-field', 'add', 'card.number')).toBe(0);
    expect(await everwave('masked-field', 'remove', 'customer.*')).toBe(0);
    expect(calls).toEqual([
      'GET /v1/masked-fields',
      'PUT /v1/masked-fields/card.number',
      'DELETE /v1/masked-fields/customer.*',
    ]);
    expect(await everwave('masked-field', 'add')).toBe(2);
    expect(complained.join('\n')).toContain('Missing <field>');
  });

  it('are asked for with --unmask, and not without', async () => {
    await everwave('run', 'show', 'run_1');
    await everwave('run', 'show', 'run_1', '--unmask');
    await everwave('run', 'value', 'run_1', 'send', '--ordinal', '2', '--unmask');
    await everwave('run', 'value', 'run_1', 'send');
    expect(calls).toEqual([
      'GET /v1/runs/run_1',
      'GET /v1/runs/run_1?unmask=true',
      'GET /v1/runs/run_1/steps/send/output?ordinal=2&unmask=true',
      'GET /v1/runs/run_1/steps/send/output',
    ]);
  });
});
