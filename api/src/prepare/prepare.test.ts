import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createDatabase, tables, withSystem } from '@everwave/schema/db';
import { createMasterKeyText } from '@everwave/temporal/encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmptyTestDatabase, type TestDatabase } from '../../../scripts/testing/test-database.ts';
import type { Prepared } from './prepare-installation.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../prepare.ts', import.meta.url));

let database: TestDatabase;
let secretKey: string;
beforeEach(async () => {
  database = await createEmptyTestDatabase();
  secretKey = createMasterKeyText();
});
afterEach(() => database.close());

const prepare = async (variables: Record<string, string> = {}): Promise<{ prepared: Prepared; lines: string[] }> => {
  const { stdout } = await run(process.execPath, [program], {
    env: { DATABASE_URL: database.url, EVERWAVE_SECRET_KEY: secretKey, EVERWAVE_DEMO: '1', ...variables },
  });
  const lines = stdout.trim().split('\n');
  return { prepared: JSON.parse(lines[0] ?? '') as Prepared, lines };
};

const read = async <T>(work: Parameters<typeof withSystem<T>>[1]): Promise<T> => {
  const db = createDatabase({ url: database.url, applicationName: 'prepare-test' });
  try {
    return await withSystem(db, work);
  } finally {
    await db.$client.end();
  }
};

describe('prepare', () => {
  it('makes org, key and a live sample flow on the first start, and finds them on the next', async () => {
    const first = await prepare();
    expect(first.lines).toHaveLength(1);
    expect(first.prepared).toEqual({
      firstStart: true,
      setupUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:3000\/setup\?token=[A-Za-z0-9_-]{32}$/),
      sampleCurl: expect.stringMatching(
        /^curl -X POST 'http:\/\/127\.0\.0\.1:3001\/hooks\/[A-Za-z0-9_-]{22}' -H 'content-type: application\/json' -d '\{"orderId":"A-1042","customerId":"c_7","total":129\.9\}'$/,
      ),
      apiKey: expect.stringMatching(/^ew_[A-Za-z0-9_-]{43}$/),
      orgId: expect.stringMatching(/^org_/),
      flowId: expect.stringMatching(/^flow_/),
    });
    const second = await prepare();
    expect(second.prepared).toEqual({
      ...first.prepared,
      firstStart: false,
      apiKey: null,
      setupUrl: expect.stringMatching(/\/setup\?token=/),
    });
    const flows = await read((tx) => tx.select().from(tables.flows));
    expect(flows).toMatchObject([{ id: first.prepared.flowId, status: 'active', liveVersion: 1 }]);
    expect(await read((tx) => tx.select().from(tables.connections))).toHaveLength(5);
    expect(await read((tx) => tx.select().from(tables.apiKeys))).toHaveLength(1);
  });

  it('does its work once when several processes start at the same time', async () => {
    const starts = await Promise.all([prepare(), prepare(), prepare()]);
    expect(starts.filter(({ prepared }) => prepared.firstStart)).toHaveLength(1);
    expect(starts.filter(({ prepared }) => prepared.apiKey)).toHaveLength(1);
    expect(await read((tx) => tx.select().from(tables.organizations))).toHaveLength(1);
    expect(await read((tx) => tx.select().from(tables.flows))).toHaveLength(1);
  });

  it('wraps the data keys with a new master key, after which the old one is not needed', async () => {
    const { prepared: first } = await prepare();
    const next = createMasterKeyText();
    await prepare({ EVERWAVE_SECRET_KEY: next, EVERWAVE_SECRET_KEYS_PREVIOUS: secretKey });
    const { prepared } = await prepare({ EVERWAVE_SECRET_KEY: next });
    // Its webhook's path is sealed, so it was opened with the new key alone.
    expect(prepared.sampleCurl).toBe(first.sampleCurl);
  });

  it('makes no sample flow outside the demo', async () => {
    const { prepared } = await prepare({ EVERWAVE_DEMO: '0' });
    expect(prepared).toMatchObject({ firstStart: true, flowId: null, sampleCurl: null });
  });

  it.each([
    ['a missing database', { DATABASE_URL: '' }, /DATABASE_URL: Write postgres:/],
    ['a missing key', { EVERWAVE_SECRET_KEY: '' }, /EVERWAVE_SECRET_KEY/],
    ['a key that is none', { EVERWAVE_SECRET_KEY: 'c2hvcnQ=' }, /must be base64 of exactly 32 bytes/],
  ])('says what is wrong with %s, on standard error, with exit code 1', async (_what, variables, message) => {
    const failure = await prepare(variables).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(message) });
  });

  it('refuses another key than the one the data was sealed with', async () => {
    await prepare();
    const failure = await prepare({ EVERWAVE_SECRET_KEY: createMasterKeyText() }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1, stderr: expect.stringMatching(/encrypted with master key/) });
  });
});
