import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import type { Variable } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './cli.ts';

const at = '2026-03-01T12:00:00.000Z';
const variable = (name: string, others: Partial<Variable>): Variable => ({
  name,
  type: 'string',
  description: '',
  value: 'eu',
  usedBy: [],
  usedByOthers: 0,
  updatedBy: 'Noor Haddad',
  createdAt: at,
  updatedAt: at,
  ...others,
});
const flowId = flowIdSchema.parse(`flow_${'2'.repeat(32)}`);
const variables = [
  variable('REGION', { usedBy: [{ flowId, name: 'Order received' }], description: 'Where the warehouse stands' }),
  variable('TOKEN', { type: 'secret', value: null, usedByOthers: 2 }),
];
const inUse = {
  type: 'about:blank',
  title: 'Live flows read this variable',
  status: 409,
  code: 'variable_in_use',
  detail: 'Live flows read env.REGION: Order received. Change or deactivate them first.',
  errors: [{ path: flowId, message: 'Order received reads it.' }],
  requestId: 'req_1',
};

let server: Server;
let seen: { readonly call: string; readonly body: unknown }[];
let printed: string[];
let complained: string[];

beforeEach(async () => {
  [seen, printed, complained] = [[], [], []];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push({ call: `${request.method} ${request.url}`, body: body === '' ? null : JSON.parse(body) });
      const answer = (status: number, reply: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
      if (request.method === 'PUT') return answer(200, variable(request.url?.split('/').at(-1) ?? '', {}));
      if (request.method === 'GET') return answer(200, { items: variables });
      return request.url?.endsWith('/REGION') ? answer(409, inUse) : response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const everwave = (...words: string[]) =>
  runCli(words, {
    environment: {
      EVERWAVE_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      EVERWAVE_API_KEY: 'ew_test',
      SUPPLIER_KEY: 'canary-of-the-supplier',
    },
    folder: tmpdir(),
    print: (line) => void printed.push(line),
    complain: (line) => void complained.push(line),
    runScript: () => Promise.resolve(0),
  });

describe('everwave variable', () => {
  it('lists what expressions read, who reads it, and of a secret one the name', async () => {
    expect(await everwave('variable', 'list')).toBe(0);
    expect(printed.join('\n')).toMatch(/REGION +string +"eu" +Order received +Where the warehouse stands/);
    expect(printed.join('\n')).toMatch(/TOKEN +secret +\(secret\) +2 kept for others/);
  });

  it('sets a value of each type, with what it is for', async () => {
    expect(await everwave('variable', 'set', 'REGION', 'eu', '--description', 'Where')).toBe(0);
    expect(await everwave('variable', 'set', 'LIMIT', '50', '--type', 'number')).toBe(0);
    expect(await everwave('variable', 'set', 'PRICES', '{"most":7}', '--type', 'json')).toBe(0);
    expect(seen).toEqual([
      { call: 'PUT /v1/variables/REGION', body: { type: 'string', value: 'eu', description: 'Where' } },
      { call: 'PUT /v1/variables/LIMIT', body: { type: 'number', value: 50 } },
      { call: 'PUT /v1/variables/PRICES', body: { type: 'json', value: { most: 7 } } },
    ]);
    expect(printed).toContain('LIMIT is set.');
  });

  it('takes a secret from the environment, and from nowhere else', async () => {
    const asSecret = ['variable', 'set', 'TOKEN', '--type', 'secret'];
    expect(await everwave(...asSecret, '--from-env', 'SUPPLIER_KEY')).toBe(0);
    expect(seen.map(({ body }) => body)).toEqual([{ type: 'secret', value: 'canary-of-the-supplier' }]);
    expect(await everwave('variable', 'set', 'TOKEN', 'on-the-line', '--type', 'secret')).toBe(2);
    expect(await everwave(...asSecret, '--from-env', 'NOT_THERE')).toBe(2);
    expect(seen).toHaveLength(1);
    expect(complained.join()).toContain('what stands on a command line is seen by others');
    expect(complained.join()).toContain('NOT_THERE is not set.');
    expect([...printed, ...complained].join()).not.toContain('canary');
  });

  it.each([
    [['variable', 'set', 'LIMIT', 'many', '--type', 'number'], 'JSON'],
    [['variable', 'set', 'LIMIT', '5', '--type', 'float'], '--type is one of: string, number, boolean, json, secret.'],
    [['variable', 'set', 'LIMIT'], 'Missing <value>.'],
  ])('asks the api nothing for a line that is wrong: %j', async (words, message) => {
    expect(await everwave(...words)).toBe(2);
    expect(complained.join()).toContain(message);
    expect(seen).toEqual([]);
  });

  it('deletes one, and says which flows still read another', async () => {
    expect(await everwave('variable', 'unset', 'TOKEN')).toBe(0);
    expect(printed).toEqual(['TOKEN is deleted.']);
    expect(await everwave('variable', 'unset', 'REGION')).toBe(1);
    expect(complained.join()).toContain('Live flows read env.REGION: Order received.');
  });
});
