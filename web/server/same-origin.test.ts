import { describe, expect, it } from 'vitest';
import { canonicalAddress, isSameOrigin } from './same-origin.ts';

const publicUrl = new URL('http://127.0.0.1:3000');
const post = (origin: string | undefined, url = publicUrl): boolean =>
  isSameOrigin({ method: 'POST', origin, publicUrl: url });

describe('isSameOrigin', () => {
  it('lets reading requests through whatever their origin', () => {
    expect(isSameOrigin({ method: 'GET', origin: 'https://evil.example', publicUrl })).toBe(true);
  });

  it('accepts a change from our own pages, under any name of this machine', () => {
    expect(post('http://127.0.0.1:3000')).toBe(true);
    expect(post('http://localhost:3000')).toBe(true);
    expect(post('http://[::1]:3000')).toBe(true);
  });

  it.each([
    undefined,
    '',
    'null',
    'https://evil.example',
    'http://127.0.0.1:3001',
    'https://127.0.0.1:3000',
    'http://127.0.0.1.evil.example:3000',
    'http://localhost.evil.example:3000',
    'http://evil.example/http://127.0.0.1:3000',
  ])('refuses a change from %s', (origin) => {
    expect(post(origin)).toBe(false);
  });

  it('knows no second name for a public address', () => {
    const url = new URL('https://flows.example.com');
    expect(post('https://flows.example.com', url)).toBe(true);
    expect(post('https://localhost', url)).toBe(false);
    expect(post('http://flows.example.com', url)).toBe(false);
  });
});

describe('canonicalAddress', () => {
  it('sends localhost to the configured name, path and query kept', () => {
    expect(canonicalAddress('localhost:3000', '/runs?view=failed', publicUrl)).toBe(
      'http://127.0.0.1:3000/runs?view=failed',
    );
  });

  it('never leads to a name that the request made up', () => {
    expect(canonicalAddress('evil.example', '/', publicUrl)).toBeNull();
    expect(canonicalAddress('127.0.0.1:3000', '/', publicUrl)).toBeNull();
    expect(canonicalAddress(undefined, '/', publicUrl)).toBeNull();
  });
});
