import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callWith, createTestApi, type TestApi } from '../testing/test-api.ts';
import { docsPolicy } from './docs-page.ts';
import { findReferenceFile } from './reference-file.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const page = () => callWith(api.app)('GET /docs');

describe('the page', () => {
  it('names no other server, holds no script, and may load none', async () => {
    const { status, headers, text } = await page();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/html');
    expect(headers.get('content-security-policy')).toBe(docsPolicy);
    expect(docsPolicy).toContain("script-src 'self';");
    expect(docsPolicy).toContain("connect-src 'self';");
    expect(docsPolicy).not.toMatch(/https?:|\*/);
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(text).not.toMatch(/<script(?![^>]* src=)|\son\w+=/);
  });

  it('finds each of its files', async () => {
    const paths = [...(await page()).text.matchAll(/ src="([^"]+)"/g)].map(([, path]) => path);
    expect(paths).toHaveLength(2);
    for (const path of paths) {
      const { status, headers } = await api.app.request(path ?? '');
      expect([path, status, headers.get('content-type')]).toEqual([path, 200, 'text/javascript; charset=utf-8']);
    }
  });

  it('comes with the licences of what the reference was built from', () => {
    const licences = readFileSync(new URL('reference-licences.md', import.meta.url), 'utf8');
    expect(licences).toContain(`@scalar/api-reference ${findReferenceFile().version}`);
    expect(licences).toMatch(/^\| vue \| 3\.\S+ \| MIT \|$/m);
  });

  it('keeps the large one for ever, compressed, and under a name with its version', async () => {
    const path = /"(\/docs\/reference-\d+\.\d+\.\d+\.js)"/.exec((await page()).text)?.[1] ?? '';
    const response = await api.app.request(path);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const whole = gunzipSync(Buffer.from(await response.arrayBuffer())).toString();
    expect(whole.length).toBeGreaterThan(1_000_000);
    expect(whole).toContain('createApiReference');
  });
});
