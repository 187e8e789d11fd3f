import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectFolder } from './lib/folders.ts';
import { portNames } from './supervisor/env.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('finds nothing to put right on a machine that has what is needed', async () => {
  const { code, said } = await doctor({});
  expect(said).toMatch(/✓ Node {9}24\.21\.0/);
  expect(said).toMatch(/✓ Postgres {5}embedded 18\.4/);
  expect(said).toMatch(/· Key {10}made at the first start/);
  expect(said).toMatch(/Ready for npm start\.\n$/);
  expect(code).toBe(0);
});

it('names everything that must be put right, and exits with 1', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'version'), '99');
  writeFileSync(join(data, 'secret-key'), `${randomBytes(32).toString('base64')}\n`, { mode: 0o644 });
  const { code, said } = await doctor({
    EVERWAVE_DATA: data,
    EVERWAVE_WEB_PORT: String(port),
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  });
  server.close();
  expect(said).toMatch(/✗ Data folder {2}The data folder .* was written by a newer Everwave/);
  expect(said).toMatch(/✗ Key {10}Others may read .* Run: chmod 600/);
  expect(said).toMatch(new RegExp(`✗ Port {9}Port ${port}, where the web should listen, is taken`));
  expect(said).toMatch(/✗ Postgres {5}The Postgres in DATABASE_URL cannot be used/);
  expect(said).toMatch(/✗ Temporal {5}\S/);
  expect(said).toMatch(/5 to put right before npm start\.\n$/);
  expect(code).toBe(1);
});

it('refuses a temporal on PATH that is too old', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'temporal'), '#!/bin/sh\necho "temporal version 1.0.0 (Server 1.24.0, UI 2.0)"\n', {
    mode: 0o755,
  });
  const { code, said } = await doctor({ PATH: `${bin}:${process.env['PATH']}` });
  expect(said).toMatch(/✗ Temporal {5}.* is Temporal 1\.0\.0 .* needs 1\.5\.1 or later/);
  expect(code).toBe(1);
});

it('says that Temporal will be installed where there is none', async () => {
  const { code, said } = await doctor({ PATH: '/usr/bin:/bin', EVERWAVE_TOOLS: join(folder, 'tools') });
  expect(said).toMatch(/· Temporal {5}npm start fetches version 1\.5\.1/);
  expect(code).toBe(0);
});

const doctor = (environment: NodeJS.ProcessEnv): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    const openPorts = Object.fromEntries(portNames.map((name) => [name, '0']));
    execFile(
      process.execPath,
      [join(projectFolder, 'scripts', 'doctor.ts')],
      { env: { PATH: process.env['PATH'], EVERWAVE_DATA: join(folder, 'new'), ...openPorts, ...environment } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
  });
