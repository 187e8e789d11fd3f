import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectFolder } from '../lib/folders.ts';
import { describeInstall } from './install-packages.mjs';
import { toolPackages, thisMachine } from './platform.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-bootstrap-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('refuses without npm on PATH', async () => {
  const { code, said } = await bootstrap({ PATH: '/nowhere' });
  expect(said.trim().split('\n').at(-1)).toMatch(/^npm is not on PATH\. It comes with Node/);
  expect(code).toBe(1);
});

it('says that the registry cannot be reached', async () => {
  const { code, said } = await bootstrap({ npm_config_registry: 'http://127.0.0.1:1/', npm_config_fetch_retries: '0' });
  expect(said).toMatch(/failed: the npm registry cannot be reached/);
  expect(code).toBe(1);
});

it('says that the disk is full', async () => {
  fakeNpm('echo "npm error code ENOSPC" >&2; exit 1');
  const { code, said } = await bootstrap({});
  expect(said).toMatch(/failed: the disk is full/);
  expect(code).toBe(1);
});

it('notices an npm that reports success and installs nothing', async () => {
  fakeNpm('exit 0');
  const { code, said } = await bootstrap({});
  expect(said).toMatch(/npm reported success, but .* is not in/);
  expect(code).toBe(1);
});

it('refuses a tools folder that cannot be written', async () => {
  writeFileSync(join(folder, 'file'), '');
  const { code, said } = await bootstrap({ EVERWAVE_TOOLS: join(folder, 'file', 'tools') });
  expect(said).toMatch(/cannot be written .* Set EVERWAVE_TOOLS to another folder/);
  expect(code).toBe(1);
});

it('lists the scripts when asked for one that does not exist', async () => {
  const { code, said } = await bootstrap({}, ['nonsense']);
  expect(said).toMatch(/^Usage: /);
  expect(code).toBe(1);
});

it('uses tools that are already there, installs packages once, and hands over arguments, PATH and exit code', async () => {
  const project = copyOfBootstrap();
  const calls = join(folder, 'pnpm-calls');
  installFakeTools(project, `echo "$@" >> ${calls}; mkdir -p node_modules`);
  writeFileSync(join(project, 'scripts', 'hello.ts'), 'console.log(process.argv.slice(2).join()); process.exit(7);');

  const first = await bootstrap({}, ['hello', 'a', 'b'], project);
  expect(first).toMatchObject({ code: 7, shown: 'a,b\n' });
  expect(readFileSync(calls, 'utf8')).toBe('install --frozen-lockfile\n');

  await bootstrap({}, ['hello'], project);
  expect(readFileSync(calls, 'utf8')).toBe('install --frozen-lockfile\n');

  writeFileSync(join(project, 'pnpm-lock.yaml'), 'changed');
  await bootstrap({}, ['hello'], project);
  expect(readFileSync(calls, 'utf8')).toBe('install --frozen-lockfile\n'.repeat(2));
});

it('puts Node and pnpm where a person can have them on PATH', async () => {
  const project = copyOfBootstrap();
  installFakeTools(project, 'mkdir -p node_modules; echo "pnpm $@"');
  writeFileSync(join(project, 'scripts', 'hello.ts'), '');
  for (const _time of ['first', 'again']) {
    await bootstrap({}, ['hello'], project);
    expect(execFileSync(join(project, '.tools', 'bin', 'pnpm'), ['check'], { encoding: 'utf8' })).toBe('pnpm check\n');
    expect(execFileSync(join(project, '.tools', 'bin', 'node'), ['-p', '1'], { encoding: 'utf8' })).toBe('1\n');
  }
});

it('stops the script when npm is stopped, whose shell does not pass that on', async () => {
  const project = copyOfBootstrap();
  installFakeTools(project, 'mkdir -p node_modules');
  const file = join(folder, 'stopped');
  writeFileSync(
    join(project, 'scripts', 'hello.ts'),
    `process.on('SIGTERM', () => { process.getBuiltinModule('node:fs').writeFileSync('${file}', ''); process.exit(0); });
     console.log('up'); setInterval(() => {}, 1000);`,
  );
  const command = `node ${join(project, 'scripts', 'bootstrap.mjs')} hello; true`;
  const npm = spawn('sh', ['-c', command], {
    env: { HOME: folder, PATH: process.env['PATH'], npm_lifecycle_event: 'hello' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(npm.stdout, 'data');
  npm.kill('SIGTERM');
  await expect.poll(() => existsSync(file), { timeout: 10_000 }).toBe(true);
});

it('installs again when a package of the workspace changes', () => {
  mkdirSync(join(folder, 'api'));
  writeFileSync(join(folder, 'api', 'package.json'), '{}');
  const before = describeInstall(folder);
  writeFileSync(join(folder, 'api', 'package.json'), '{"name":"api"}');
  expect(describeInstall(folder)).not.toBe(before);
});

/** The bootstrap as it stands in a fresh clone: nothing else of the project. */
const copyOfBootstrap = (): string => {
  const project = join(folder, 'project');
  if (existsSync(project)) return project;
  mkdirSync(join(project, 'scripts'), { recursive: true });
  cpSync(join(projectFolder, 'scripts', 'bootstrap'), join(project, 'scripts', 'bootstrap'), { recursive: true });
  cpSync(join(projectFolder, 'scripts', 'bootstrap.mjs'), join(project, 'scripts', 'bootstrap.mjs'));
  writeFileSync(join(project, 'scripts', 'start.ts'), '');
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  return project;
};

const script = (file: string, body: string) => {
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
};

const fakeNpm = (body: string) => {
  mkdirSync(join(folder, 'bin'));
  script(join(folder, 'bin', 'npm'), body);
};

const installFakeTools = (project: string, pnpmBody: string) => {
  const { node, pnpm } = toolPackages(thisMachine());
  for (const tool of [node, pnpm]) {
    const home = join(project, '.tools', 'node_modules', tool.name);
    mkdirSync(join(home, 'bin'), { recursive: true });
    writeFileSync(join(home, 'package.json'), JSON.stringify({ version: tool.version }));
    script(join(home, tool.program), tool === pnpm ? pnpmBody : `exec "${process.execPath}" "$@"`);
  }
};

const bootstrap = (
  environment: NodeJS.ProcessEnv,
  args: readonly string[] = ['start'],
  project = copyOfBootstrap(),
): Promise<{ code: number; said: string; shown: string }> =>
  new Promise((resolve) => {
    const PATH = `${join(folder, 'bin')}:${process.env['PATH']}`;
    execFile(
      process.execPath,
      [join(project, 'scripts', 'bootstrap.mjs'), ...args],
      { env: { HOME: folder, PATH, ...environment } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: stderr, shown: stdout }),
    );
  });
