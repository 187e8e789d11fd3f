import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { processStart } from '../lib/process-identity.ts';
import { startChild, type Child } from './child.ts';

let folder: string;
let said: string[];
let children: Child[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-child-'));
  said = [];
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
});

const readyFile = () => join(folder, 'ready');

const start = async (program: string, times = {}): Promise<Child> => {
  const child = await startChild({
    name: 'worker',
    command: [process.execPath, '--eval', program],
    folder,
    environment: { PATH: process.env['PATH'] },
    isReady: () => Promise.resolve(existsSync(readyFile())),
    onLine: (line) => said.push(line),
    onStart: () => rmSync(readyFile(), { force: true }),
    say: (line) => said.push(line),
    times: { start: 10_000, stop: 500, firstPause: 100, longestPause: 400, ...times },
  });
  children.push(child);
  return child;
};

const alive = `require('node:fs').writeFileSync('ready', ''); setInterval(() => {}, 1000);`;

it('waits until the process is ready', async () => {
  const child = await start(`setTimeout(() => { ${alive} }, 300)`);
  expect(child.pid()).toBeGreaterThan(0);
  expect(existsSync(readyFile())).toBe(true);
});

it("ends in the process's own words when it does not start", async () => {
  await expect(start(`console.error('The key is wrong.'); process.exit(1)`)).rejects.toThrow(
    'worker did not start: The key is wrong.',
  );
});

it('gives up on a process that never becomes ready', async () => {
  await expect(start(`console.log('hm'); setInterval(() => {}, 1000)`, { start: 400 })).rejects.toThrow(
    'worker did not start: hm',
  );
});

it('starts it again when it is killed, and says so', async () => {
  const child = await start(alive);
  const first = child.pid();
  process.kill(first as number, 'SIGKILL');
  await vi.waitFor(() => expect(said).toContain('worker is up again.'), 10_000);
  expect(said[0]).toBe('worker ended by itself (SIGKILL). Starting it again in 0.1 s.');
  expect(child.pid()).not.toBe(first);
});

it('pauses longer each time it ends soon after its start', async () => {
  const counted = `const fs = require('node:fs'); fs.appendFileSync('starts', 'x'); fs.writeFileSync('ready', ''); setTimeout(() => process.exit(3), 200);`;
  await start(counted);
  await vi.waitFor(() => expect(readFileSync(join(folder, 'starts'), 'utf8').length).toBeGreaterThan(4), 20_000);
  const pauses = said.filter((line) => line.includes('exit code 3')).map((line) => /in (\S+) s/.exec(line)?.[1]);
  expect(pauses.slice(0, 4)).toEqual(['0.1', '0.2', '0.4', '0.4']);
});

it('asks the process to end and does not start it again', async () => {
  const child = await start(`process.on('SIGTERM', () => { console.log('draining'); process.exit(0); }); ${alive}`);
  await child.stop();
  expect(said).toEqual(['draining']);
  expect(child.pid()).toBeNull();
});

it('ends a process by force that does not end when asked', async () => {
  const child = await start(`process.on('SIGTERM', () => {}); ${alive}`);
  const pid = child.pid() as number;
  await child.stop();
  expect(processStart(pid)).toBeNull();
});
