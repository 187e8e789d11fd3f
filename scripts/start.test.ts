import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFolder } from './lib/folders.ts';
import { portNames } from './supervisor/env.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('npm start refuses in one sentence, with exit code 1,', () => {
  it('a taken port, and names the setting that moves it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await start({ EVERWAVE_API_PORT: String(port) })).toEqual({
      code: 1,
      said: `Port ${port}, where the api should listen, is taken by another program. Stop it, or set EVERWAVE_API_PORT to a free port.\n`,
    });
    server.close();
  });

  it('a data folder of a newer release', async () => {
    writeFileSync(join(folder, 'version'), '99\n');
    const { code, said } = await start({});
    expect(said).toMatch(/^The data folder .* was written by a newer Everwave \(data version 99.*\n$/);
    expect(code).toBe(1);
  });

  it('a data folder that is in use', async () => {
    const { lockDataFolder } = await import('./supervisor/lock.ts');
    const unlock = lockDataFolder(folder);
    const { code, said } = await start({});
    expect(said).toMatch(/^Everwave already runs on the data folder .*\n$/);
    expect(code).toBe(1);
    unlock();
  });

  it('data without its key', async () => {
    mkdirSync(join(folder, 'postgres'));
    writeFileSync(join(folder, 'postgres', 'PG_VERSION'), '18\n');
    const { code, said } = await start({});
    expect(said).toMatch(/^The key file .* is missing.*\n$/);
    expect(code).toBe(1);
  });

  it('a Postgres that cannot be reached', async () => {
    const { code, said } = await start({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x' });
    expect(said).toMatch(/^The Postgres in DATABASE_URL cannot be used: .*\n$/);
    expect(said).not.toContain('nobody');
    expect(code).toBe(1);
  });

  it('settings that make no sense', async () => {
    const { code, said } = await start({ EVERWAVE_DEMO: 'maybe' });
    expect(said).toBe('Everwave cannot start; these settings are wrong:\n  EVERWAVE_DEMO: Write 1 or 0.\n');
    expect(code).toBe(1);
  });

  it('arguments it does not know', async () => {
    expect(await start({}, ['--port', '1'])).toEqual({
      code: 1,
      said: 'npm start takes no argument but --help; it was given --port 1.\n',
    });
  });
});

it('npm start -- --help explains itself and starts nothing', async () => {
  const { code, shown } = await run({}, ['--help']);
  expect(shown).toMatch(/^Usage: npm start/);
  expect(code).toBe(0);
});

const start = async (environment: NodeJS.ProcessEnv, args: readonly string[] = []) => {
  const { code, said } = await run(environment, args);
  return { code, said };
};

const run = (
  environment: NodeJS.ProcessEnv,
  args: readonly string[],
): Promise<{ code: number; said: string; shown: string }> =>
  new Promise((resolve) => {
    const openPorts = Object.fromEntries(portNames.map((name) => [name, '0']));
    execFile(
      process.execPath,
      [join(projectFolder, 'scripts', 'start.ts'), ...args],
      { env: { PATH: process.env['PATH'], EVERWAVE_DATA: folder, ...openPorts, ...environment }, timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: stderr, shown: stdout }),
    );
  });
