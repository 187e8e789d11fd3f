import { readdirSync, readFileSync } from 'node:fs';
import { createLogger } from '@everwave/temporal/logger';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildWorkflowBundle } from './bundle.ts';

let bundle: string;
let modules: string[];

beforeAll(async () => {
  ({ code: bundle } = await buildWorkflowBundle(createLogger({ service: 'test', level: 'silent' })));
  const map = /sourceMappingURL=data:application\/json;charset=utf-8;base64,([A-Za-z0-9+/=]+)/.exec(bundle)?.[1];
  const { sources } = JSON.parse(Buffer.from(map ?? '', 'base64').toString('utf8')) as { sources: string[] };
  modules = sources.filter((source) => source.startsWith('/'));
});

const of = (part: string) => modules.filter((module) => module.includes(part));

describe('the workflow bundle', () => {
  it('holds the shell, the kernel and what expressions need', () => {
    expect(modules.length).toBeGreaterThan(50);
    for (const part of [
      '/temporal-workers/src/workflows/run-flow.ts',
      '/temporal-workers/src/workflows/probe.ts',
      '/schema/src/interpreter/advance.ts',
      '/temporal/src/failure-converter.ts',
      '/@temporalio/workflow/',
    ]) {
      expect(of(part), part).not.toEqual([]);
    }
    expect(of('/node_modules/jsonata/')).toHaveLength(1);
    expect(of('/node_modules/re2js/')).toHaveLength(1);
  });

  it('is in the language of the Node that runs it', () => {
    expect(bundle).toMatch(/\{ \.\.\.\w+/);
    expect(bundle).not.toContain('_object_spread');
  });

  it('loads the kernel and its libraries once for all runs', () => {
    const preload = /exports\.preloadModules = function preloadModules\(\) \{([^}]*)\}/.exec(bundle)?.[1];
    expect(preload).toContain('"./temporal-workers/src/workflows/preloaded.ts"');
  });

  it('holds no module of ours with something that a run could leave to another', () => {
    const changing =
      /^(?:export )?(?:let|var) |^(?:export )?const \w+(?:: [^=\n]+)? =\s+(?:new (?:Map|Set|WeakMap|WeakSet)\b|\[\];|\{\};)/m;
    expect('const known = new Map<string, number>();').toMatch(changing);
    expect('export let count = 0;').toMatch(changing);
    const folder = new URL('./workflows/', import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    expect(files).toContain('run-flow.ts');
    expect(files.filter((name) => changing.test(readFileSync(new URL(name, folder), 'utf8')))).toEqual([]);
  });

  it('holds no connector, no zod, no database and nothing else of ours', () => {
    for (const part of ['/node_modules/zod/', '/drizzle-orm/', '/node_modules/postgres/', '/protobufjs/']) {
      expect(of(part), part).toEqual([]);
    }
    const ours = modules.filter((module) => !module.includes('/node_modules/'));
    const allowed = [
      /\/temporal-workers\/src\/workflows\//,
      /\/schema\/src\/(interpreter|flow|run)\//,
      /\/temporal\/src\/failure-converter\.ts$/,
    ];
    expect(ours.length).toBeGreaterThan(10);
    expect(ours.filter((module) => !allowed.some((pattern) => pattern.test(module)))).toEqual([]);
  });
});
