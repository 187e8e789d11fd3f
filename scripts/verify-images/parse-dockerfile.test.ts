import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { nodeVersion, pnpmVersion } from '../bootstrap/platform.mjs';
import { projectFolder } from '../lib/folders.ts';
import { listContext, readIgnoreRules } from './build-context.ts';
import { parseDockerfile, type Stage, type Step } from './parse-dockerfile.ts';

const read = (file: string) => readFileSync(join(projectFolder, file), 'utf8');
const stages = parseDockerfile(read('deploy/Dockerfile'));
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, { build?: { target: string } }>;
};

/** All steps of a stage, with those of the stages it is made from before its own. */
const stepsOf = (name: string): readonly Step[] => {
  const stage = stages.find((one) => one.name === name);
  return stage ? [...stepsOf(stage.from), ...stage.steps] : [];
};
const lastWords = (name: string, kind: 'command' | 'healthcheck'): readonly string[] | null | undefined => {
  const step = stepsOf(name).findLast((one) => one.kind === kind);
  return step && 'words' in step ? step.words : undefined;
};
const lastUser = (name: string) => stepsOf(name).findLast((step) => step.kind === 'user')?.user;

describe('the Dockerfile', () => {
  const targets = Object.values(compose.services).flatMap(({ build }) => (build ? [build.target] : []));

  it('has a target for every service that is ours', () => {
    expect(targets.toSorted()).toEqual(['api', 'backup', 'demo', 'prepare', 'web', 'worker']);
    const names = stages.map(({ name }) => name);
    expect([...targets, 'cli'].filter((target) => !names.includes(target))).toEqual([]);
  });

  it('starts nothing as root, and everything without a shell that would swallow signals', () => {
    for (const target of [...targets, 'cli']) {
      expect(lastUser(target)).toBe('1000:1000');
      expect(lastWords(target, 'command')).not.toHaveLength(0);
    }
    expect(read('deploy/container/with-secrets.sh')).toMatch(/^exec "\$@"$/m);
  });

  it('watches the health of what stays, and of nothing that ends by itself', () => {
    const checks = Object.fromEntries(
      targets.map((target) => [target, lastWords(target, 'healthcheck')?.at(-1) ?? null]),
    );
    expect(checks).toEqual({
      backup: null,
      prepare: null,
      api: 'http://127.0.0.1:3001/healthz',
      worker: 'http://127.0.0.1:3002/readyz',
      web: 'http://127.0.0.1:3000/healthz',
      demo: 'http://127.0.0.1:3003/',
    });
  });

  it('is built with the Node and the pnpm that everything else runs on', () => {
    const images = stages.map(({ from }) => from).filter((from) => !stages.some(({ name }) => name === from));
    expect(new Set(images)).toEqual(new Set([`node:${nodeVersion}-bookworm-slim`]));
    const scripts = stages.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'run' ? [step.script] : [])));
    expect(scripts.filter((script) => script.includes('install --global'))).toEqual([
      `npm install --global pnpm@${pnpmVersion}`,
    ]);
    expect(read('deploy/install-packages.sh')).toContain('pnpm install --prod --frozen-lockfile --filter "$1..."');
    const others = scripts
      .filter((script) => /install/.test(script) && !script.includes('install-packages.sh'))
      .slice(1);
    expect(others).toEqual(['pnpm install --frozen-lockfile --filter "@everwave/web..."']);
  });

  it('puts nothing of a stage that has development packages into an image but the built web', () => {
    const copies = [...targets, 'cli'].flatMap((target) =>
      stepsOf(target).flatMap((step) => (step.kind === 'copy' && step.stage === 'web-build' ? [step.sources] : [])),
    );
    expect(copies).toEqual([['/app/web/build']]);
  });
});

describe('the build context', () => {
  const files = listContext(projectFolder);

  it('holds the sources and the lockfile', () => {
    expect(files).toEqual(expect.arrayContaining(['pnpm-lock.yaml', 'api/src/main.ts', 'web/server.ts']));
    expect(files.length).toBeGreaterThan(300);
  });

  it('holds no test, no secret and nothing built', () => {
    expect(files.filter((file) => /\.test\.|(^|\/)(\.env[^/]*|node_modules|build|secrets)(\/|$)/.test(file))).toEqual(
      [],
    );
  });
});

describe('an ignore file', () => {
  const isIgnored = readIgnoreRules('# comment\n*\n!api\n!deploy/container\n**/node_modules\n**/*.test.ts\n');

  it.each([
    ['README.md', true],
    ['deploy/secrets/key', true],
    ['deploy/container/run.sh', false],
    ['api/src/main.ts', false],
    ['api/src/main.test.ts', true],
    ['api/node_modules/x/index.js', true],
  ])('%s is left out: %s', (path, expected) => {
    expect(isIgnored(path)).toBe(expected);
  });
});

describe('a Dockerfile of another form', () => {
  it.each([
    ['FROM node:24', 'FROM'],
    ['FROM node:24 AS a\nADD x /x', 'ADD'],
    ['FROM node:24 AS a\nCOPY --chown=1:1 x /x', 'COPY'],
    ['FROM node:24 AS a\nARG x', 'ARG'],
  ])('is refused rather than half understood', (text, word) => {
    expect(() => parseDockerfile(text)).toThrow(word);
  });

  it('is read with its continued lines joined', () => {
    const [stage] = parseDockerfile('FROM node:24 AS a\n# x\nRUN one && \\\n  two\n') as [Stage];
    expect(stage.steps).toEqual([{ kind: 'run', script: 'one && two' }]);
  });
});
