import { chmodSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepLocalAccess } from './local-access.ts';

it('keeps the key of the first start, corrects the address, and lets nobody else read it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'everwave-access-'));
  const file = join(folder, 'cli.json');
  keepLocalAccess(folder, 'http://127.0.0.1:1', 'ew_first');
  chmodSync(file, 0o644);
  keepLocalAccess(folder, 'http://127.0.0.1:2', null);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ apiUrl: 'http://127.0.0.1:2', apiKey: 'ew_first' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
