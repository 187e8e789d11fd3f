import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findChromium, findOrInstallChromium } from './chromium.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-chromium-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = (name: string, body: string) => {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
};

it('takes the browser that is there', () => {
  program('chromium-browser', '');
  expect(findChromium({ PATH: folder })).toBe(join(folder, 'chromium-browser'));
  expect(findChromium({ PATH: folder, EVERWAVE_CHROMIUM: '/opt/chrome' })).toBe('/opt/chrome');
});

it('says what to install where it may not install it', async () => {
  await expect(findOrInstallChromium({ PATH: folder }, () => {})).rejects.toThrow(
    'need Chromium or Chrome. Install one',
  );
});

it.runIf(process.getuid?.() === 0)('installs it on a Debian whose root it is', async () => {
  program('apt-get', `PATH=/usr/bin:/bin; [ "$1" = install ] && cp /bin/true ${folder}/chromium; exit 0`);
  const said: string[] = [];
  expect(await findOrInstallChromium({ PATH: folder }, (line) => said.push(line))).toBe(join(folder, 'chromium'));
  expect(said).toEqual(['· Installing Chromium with apt-get (about a minute) …']);
});

it.runIf(process.getuid?.() === 0)("passes on apt-get's own last words", async () => {
  program('apt-get', 'echo "E: Unable to locate package" >&2; exit 100');
  await expect(findOrInstallChromium({ PATH: folder }, () => {})).rejects.toThrow(
    'apt-get update failed: E: Unable to locate package',
  );
});
