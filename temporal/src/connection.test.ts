import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalAddress } from '../../scripts/testing/temporal.ts';
import { connectToTemporal } from './client.ts';
import { type TemporalSettings, temporalVariables, toTemporalSettings } from './env.ts';
import { createNativeConnection } from './native-connection.ts';
import { createAuthority, createServerCertificate } from './testing/certificates.ts';
import { startTlsProxy, type TlsProxy } from './testing/tls-proxy.ts';

const folder = mkdtempSync(join(tmpdir(), 'everwave-tls-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const authority = createAuthority('Everwave test authority');
const caFile = file('ca.pem', authority.cert);
const otherCaFile = file('other-ca.pem', createAuthority('Another authority').cert);
const apiKey = 'key-of-the-test';
let proxy: TlsProxy;

beforeAll(async () => {
  proxy = await startTlsProxy(await temporalAddress(), createServerCertificate(authority, 'temporal.test'), apiKey);
});
afterAll(() => proxy.close());

const settings = (changes: Partial<TemporalSettings> = {}): TemporalSettings => ({
  address: proxy.address,
  namespace: 'default',
  apiKey,
  tls: { caFile, certFile: null, keyFile: null, serverName: null },
  ...changes,
});
const tls = (changes: Partial<NonNullable<TemporalSettings['tls']>>) => ({
  tls: { caFile, certFile: null, keyFile: null, serverName: null, ...changes },
});

const kinds = [
  ['client', (wanted: TemporalSettings) => connectToTemporal(wanted, 4_000)],
  ['worker', createNativeConnection],
] as const;

describe.each(kinds)('the connection of a %s', (_kind, connect) => {
  it('reaches a server behind TLS, with its API key in every call', async () => {
    const before = proxy.calls.length;
    const connection = await connect(settings());
    await connection.workflowService.getSystemInfo({});
    await connection.close();
    const calls = proxy.calls.slice(before);
    expect(calls.length).toBeGreaterThan(0);
    expect(new Set(calls.map((headers) => headers['authorization']))).toEqual(new Set([`Bearer ${apiKey}`]));
  });

  it('accepts a certificate for another name when that name is given', async () => {
    const connection = await connect(settings(tls({ serverName: 'temporal.test' })));
    await connection.close();
  });

  it('refuses a certificate of an authority it does not trust, and names the setting', async () => {
    await expect(connect(settings(tls({ caFile: otherCaFile })))).rejects.toThrow('Set TEMPORAL_TLS_CA_FILE');
    await expect(connect(settings(tls({ caFile: null })))).rejects.toThrow('Set TEMPORAL_TLS_CA_FILE');
  });

  it('refuses a certificate for another name, and names the setting', async () => {
    await expect(connect(settings(tls({ serverName: 'other.test' })))).rejects.toThrow('TEMPORAL_TLS_SERVER_NAME');
  });

  it('says that the API key is wrong', async () => {
    await expect(connect(settings({ apiKey: 'stolen' }))).rejects.toThrow('TEMPORAL_API_KEY');
  });

  it('says that nothing listens there', async () => {
    await expect(connect(settings({ address: '127.0.0.1:1', tls: null, apiKey: null }))).rejects.toThrow(
      'Temporal at 127.0.0.1:1 cannot be used: nothing listens there',
    );
  });

  it('names the setting of a certificate file that cannot be read', async () => {
    await expect(connect(settings(tls({ caFile: '/nowhere/ca.pem' })))).rejects.toThrow(
      'TEMPORAL_TLS_CA_FILE names /nowhere/ca.pem, which cannot be read.',
    );
  });

  it('works without TLS', async () => {
    const connection = await connect(settings({ address: await temporalAddress(), tls: null, apiKey: null }));
    await connection.workflowService.getSystemInfo({});
    await connection.close();
  });
});

describe('toTemporalSettings', () => {
  const read = (variables: Partial<Record<keyof typeof temporalVariables, string>>) =>
    toTemporalSettings(
      Object.fromEntries(
        Object.entries(temporalVariables).map(([name, schema]) => [
          name,
          schema.parse(variables[name as keyof typeof temporalVariables]),
        ]),
      ) as Parameters<typeof toTemporalSettings>[0],
    );

  it('speaks plain text to the own machine when nothing is set', () => {
    expect(read({})).toEqual({ address: '127.0.0.1:7233', namespace: 'everwave', apiKey: null, tls: null });
    expect(read({ TEMPORAL_ADDRESS: '', TEMPORAL_TLS: '' })).toEqual(read({}));
  });

  it('speaks TLS when a key or certificate is given, unless told not to', () => {
    expect(read({ TEMPORAL_API_KEY: 'k' }).tls).not.toBeNull();
    expect(read({ TEMPORAL_TLS_CA_FILE: '/ca.pem' }).tls).toMatchObject({ caFile: '/ca.pem' });
    expect(read({ TEMPORAL_TLS: 'true' }).tls).not.toBeNull();
    expect(read({ TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: 'false' }).tls).toBeNull();
  });

  it('refuses a certificate without its key', () => {
    expect(() => read({ TEMPORAL_TLS_CERT_FILE: '/cert.pem' })).toThrow('belong together');
  });
});
