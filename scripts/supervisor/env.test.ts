import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../lib/folders.ts';
import { addressesOf, choosePorts, environmentOf } from './addresses.ts';
import { parseSettings, readVariables } from './env.ts';

describe('parseSettings', () => {
  it('has a default for everything', () => {
    const settings = parseSettings({});
    expect(settings).toMatchObject({
      dataFolder: join(projectFolder, '.everwave'),
      host: '127.0.0.1',
      databaseUrl: null,
      temporal: null,
      temporalNamespace: 'everwave',
      demo: true,
    });
    expect(settings.ports).toMatchObject({ EVERWAVE_WEB_PORT: 3000, EVERWAVE_POSTGRES_PORT: 5439 });
  });

  it('takes an empty value for a missing one, as in a copied .env.example', () => {
    expect(parseSettings({ EVERWAVE_WEB_PORT: '', DATABASE_URL: '', TEMPORAL_ADDRESS: '' })).toMatchObject({
      databaseUrl: null,
      temporal: null,
      demo: true,
    });
  });

  it('lists everything that is wrong at once', () => {
    const parse = () => parseSettings({ EVERWAVE_WEB_PORT: 'x', EVERWAVE_API_PORT: '70000', EVERWAVE_DEMO: 'yes' });
    expect(parse).toThrow(
      /EVERWAVE_WEB_PORT: Write a port number\.\n.*EVERWAVE_API_PORT: .*\n.*EVERWAVE_DEMO: Write 1 or 0\./,
    );
  });

  it('refuses one port for two listeners', () => {
    expect(() => parseSettings({ EVERWAVE_WEB_PORT: '3001' })).toThrow(
      'EVERWAVE_API_PORT: port 3001 is also EVERWAVE_WEB_PORT.',
    );
  });

  it('asks for a public address when it listens everywhere', () => {
    expect(() => parseSettings({ EVERWAVE_HOST: '0.0.0.0' })).toThrow('EVERWAVE_URL: 0.0.0.0 means every address');
  });

  it('has no demo beside a database of your own', () => {
    expect(parseSettings({ DATABASE_URL: 'postgres://x@y/z' }).demo).toBe(false);
    expect(parseSettings({ DATABASE_URL: 'postgres://x@y/z', EVERWAVE_DEMO: '1' }).demo).toBe(false);
    expect(parseSettings({ EVERWAVE_DEMO: '0' }).demo).toBe(false);
  });

  it('passes on what is wrong with the settings for Temporal', () => {
    const parse = () => parseSettings({ TEMPORAL_ADDRESS: 'x:7233', TEMPORAL_TLS_CERT_FILE: 'a.pem' });
    expect(parse).toThrow('TEMPORAL_TLS_CERT_FILE and TEMPORAL_TLS_KEY_FILE belong together');
  });
});

describe('readVariables', () => {
  it('reads .env, and lets the environment win', () => {
    const folder = mkdtempSync(join(tmpdir(), 'everwave-env-'));
    writeFileSync(join(folder, '.env'), 'EVERWAVE_WEB_PORT=4000\n# a comment\nEVERWAVE_API_PORT="4001"\n');
    expect(readVariables({ EVERWAVE_API_PORT: '5001' }, folder)).toEqual({
      EVERWAVE_WEB_PORT: '4000',
      EVERWAVE_API_PORT: '5001',
    });
    rmSync(folder, { recursive: true });
  });
});

describe('environmentOf', () => {
  const services = {
    databaseUrl: 'postgres://a@b/c',
    temporalAddress: '127.0.0.1:7233',
    temporalUiUrl: null,
    secretKeyFile: '/data/secret-key',
  };

  it('opens the way to the demo by exact host and port, and to nothing else', () => {
    const settings = parseSettings({ EVERWAVE_EGRESS_ALLOW: '10.0.0.5:8080' });
    expect(environmentOf(settings, services)).toMatchObject({
      EVERWAVE_DEMO: '1',
      EVERWAVE_EGRESS_ALLOW: '10.0.0.5:8080,127.0.0.1:3004,127.0.0.1:3005,127.0.0.1:3006,127.0.0.1:3007,127.0.0.1:3008',
    });
    const real = parseSettings({ DATABASE_URL: 'postgres://x@y/z' });
    expect(environmentOf(real, services)).toMatchObject({ EVERWAVE_DEMO: '0', EVERWAVE_EGRESS_ALLOW: '' });
  });

  it('gives every open port a number of its own', async () => {
    const open = Object.fromEntries(Object.keys(parseSettings({}).ports).map((name) => [name, '0']));
    const { ports } = await choosePorts(parseSettings(open));
    const numbers = Object.values(ports);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.min(...numbers)).toBeGreaterThan(0);
  });

  it('reaches itself on loopback when it listens everywhere', () => {
    const settings = parseSettings({ EVERWAVE_HOST: '0.0.0.0', EVERWAVE_URL: 'https://flows.example' });
    const addresses = addressesOf(settings);
    expect(addresses.local('EVERWAVE_API_PORT')).toBe('http://127.0.0.1:3001');
    expect(addresses).toMatchObject({ web: 'https://flows.example', api: 'http://flows.example:3001' });
  });
});
