import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

/** A copy of this package that may be written into, beside links to what it needs. */
const copyOfPackage = (): string => {
  const workspace = mkdtempSync(join(tmpdir(), 'everwave-new-node-'));
  onTestFinished(() => rmSync(workspace, { recursive: true, force: true }));
  const copy = join(workspace, 'activities');
  for (const part of ['src', 'scripts', 'templates', 'package.json', 'tsconfig.json', 'tsconfig.test.json']) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const shared of ['tsconfig.base.json', 'tsconfig.pure.json', 'schema', 'node_modules']) {
    symlinkSync(join(root, '..', shared), join(workspace, shared));
  }
  return copy;
};

const newNode = (copy: string, ...args: string[]) =>
  run(process.execPath, [join(copy, 'scripts/new-node.ts'), ...args], { cwd: copy });
const read = (copy: string, file: string) => readFileSync(join(copy, 'src', file), 'utf8');

describe('pnpm new:node', () => {
  it('makes a node that conforms, is tested, type-checks and runs, without a change anywhere else', async () => {
    const copy = copyOfPackage();
    const before = new Map(['worker.ts', 'triggers.ts', 'fakes.ts'].map((file) => [file, read(copy, file)]));
    const { stdout } = await newNode(copy, 'weather.readForecast');
    expect(stdout).toContain('activities/src/connectors/weather/read-forecast/definition.ts');

    for (const door of ['definitions.ts', 'implementations.ts']) {
      expect(read(copy, door).match(/weatherReadForecast/g)).toHaveLength(2);
    }
    for (const [file, text] of before) expect(read(copy, file)).toBe(text);

    const vitest = join(root, '../node_modules/vitest/vitest.mjs');
    const tests = await run(
      process.execPath,
      [vitest, 'run', '--root', copy, 'src/conformance.test.ts', 'src/connectors/weather'],
      { env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined } },
    );
    expect(tests.stdout).toMatch(/Test Files {2}2 passed/);

    const tsc = join(root, '../node_modules/typescript/bin/tsc');
    const settings = ['--noEmit', '--composite', 'false', '--incremental', 'false', '--emitDeclarationOnly', 'false'];
    await run(process.execPath, [tsc, '-p', join(copy, 'tsconfig.json'), ...settings]);

    const { stdout: names } = await run(process.execPath, [
      '--input-type=module',
      '-e',
      `const { manifests } = await import('${copy}/src/definitions.ts');
       const { createActivities } = await import('${copy}/src/worker.ts');
       const activities = Object.keys(createActivities({ egress: { allow: [] } }));
       console.log(manifests().nodes.map(({ kind }) => kind).join(), activities.join());`,
    ]);
    expect(names).toContain('weather.readForecast');
    expect(names).toContain('weather.readForecast@1');
  }, 120_000);

  it('gives a node of an existing connector its credential, and keeps the lists in order', async () => {
    const copy = copyOfPackage();
    await newNode(copy, 'slack.archiveChannel');
    expect(read(copy, 'connectors/slack/archive-channel/definition.ts')).toContain('credential: slackBot,');
    expect(read(copy, 'definitions.ts')).toMatch(
      /openaiGenerateText,\n {2}slackArchiveChannel,\n {2}slackPostMessage,\n/,
    );
  });

  it.each([
    ['slack.postMessage', /exists already/],
    ['slack', /is no name for a node/],
    ['Slack.post', /is no name for a node/],
    ['../evil.post', /is no name for a node/],
    ['slack.post/../../x', /is no name for a node/],
  ])('refuses %s and writes nothing', async (kind, message) => {
    const copy = copyOfPackage();
    const definitions = read(copy, 'definitions.ts');
    await expect(newNode(copy, kind)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(message) as string,
    });
    expect(read(copy, 'definitions.ts')).toBe(definitions);
  });

  it('says how it is used', async () => {
    const copy = copyOfPackage();
    await expect(newNode(copy)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('<connector>.<verb>') as string,
    });
    expect((await newNode(copy, '--help')).stdout).toContain('<connector>.<verb>');
  });
});
