import { describe, expect, it } from 'vitest';
import { parseEnvironment } from './env.server.ts';

describe('parseEnvironment', () => {
  it('needs nothing: everything has a place on this machine', () => {
    const settings = parseEnvironment({});
    expect(settings.publicUrl.origin).toBe('http://127.0.0.1:3000');
    expect(settings.apiInternalUrl.origin).toBe('http://127.0.0.1:3001');
  });

  it('finds the api by its port when no address is given', () => {
    expect(parseEnvironment({ EVERWAVE_API_PORT: '4001' }).apiInternalUrl.origin).toBe('http://127.0.0.1:4001');
  });

  it('takes an empty value for an absent one', () => {
    expect(parseEnvironment({ EVERWAVE_URL: '', EVERWAVE_WEB_PORT: '' }).publicUrl.port).toBe('3000');
  });

  it('lists everything that is wrong at once', () => {
    expect(() => parseEnvironment({ EVERWAVE_WEB_PORT: 'many', EVERWAVE_URL: 'flows.example.com' })).toThrow(
      /EVERWAVE_WEB_PORT[\s\S]*EVERWAVE_URL/,
    );
  });

  it('asks for a public address when it listens everywhere', () => {
    expect(() => parseEnvironment({ EVERWAVE_HOST: '0.0.0.0' })).toThrow(/EVERWAVE_URL.*under which one/);
    expect(parseEnvironment({ EVERWAVE_HOST: '0.0.0.0', EVERWAVE_URL: 'https://flows.example.com' }).host).toBe(
      '0.0.0.0',
    );
  });
});
