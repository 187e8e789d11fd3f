import { describe, expect, it } from 'vitest';
import { parseEnvironment } from './env.ts';

const needed = { DATABASE_URL: 'postgres://u:p@127.0.0.1:5439/everwave' };

describe('the environment', () => {
  it('needs the database alone; everything else has a default on this machine', () => {
    const { settings, temporal, host, port, demo } = parseEnvironment(needed);
    expect([host, port, demo]).toEqual(['127.0.0.1', 3001, null]);
    expect(settings).toMatchObject({
      webUrl: 'http://127.0.0.1:3000',
      apiUrl: 'http://127.0.0.1:3001',
      temporalUiUrl: null,
    });
    expect(temporal).toEqual({ address: '127.0.0.1:7233', namespace: 'everwave', apiKey: null, tls: null });
  });

  it('takes public addresses from settings only, without a slash at the end', () => {
    const { settings } = parseEnvironment({
      ...needed,
      EVERWAVE_URL: 'https://flows.example.com/',
      EVERWAVE_API_URL: 'https://hooks.example.com/',
      TEMPORAL_UI_URL: 'https://temporal.example.com',
    });
    expect(settings).toMatchObject({
      webUrl: 'https://flows.example.com',
      apiUrl: 'https://hooks.example.com',
      temporalUiUrl: 'https://temporal.example.com',
    });
  });

  it('counts an empty variable as not set', () => {
    expect(parseEnvironment({ ...needed, EVERWAVE_API_PORT: '', EVERWAVE_URL: '' }).port).toBe(3001);
  });

  it('lists everything that is wrong at once', () => {
    const wrong = { DATABASE_URL: 'mysql://x', EVERWAVE_API_PORT: '99999', EVERWAVE_URL: 'flows.example.com' };
    expect(() => parseEnvironment(wrong)).toThrow(/DATABASE_URL: .*\n.*EVERWAVE_API_PORT: .*\n.*EVERWAVE_URL: /);
  });
});
