import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const from = fileURLToPath(new URL('../src/', import.meta.url));
const doorsOf = (name: string): string[] => {
  const file = createRequire(`${from}x.ts`).resolve(`${name}/package.json`);
  const { exports } = JSON.parse(readFileSync(file, 'utf8')) as { exports: Record<string, string> };
  return Object.keys(exports)
    .filter((door) => door !== './package.json')
    .map((door) => `${name}${door.slice(1)}`);
};

describe('the doors of this package and of temporal', () => {
  // Node sees fewer names of a CommonJS package than a bundler or Vitest does.
  it('open in plain Node', () => {
    const doors = [...doorsOf('@everwave/temporal'), './worker.ts', './reconciler/reconciler.ts', './bundle.ts'];
    expect(doors.length).toBeGreaterThan(8);
    const program = `await Promise.all(${JSON.stringify(doors)}.map((door) => import(door)));`;
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: from, stdio: 'pipe' });
  });

  // With two copies the SDK throws "type must be a Type" where it writes messages of one with the other.
  it('share one copy of protobufjs with the SDK', () => {
    const copies = ['@temporalio/common', '@temporalio/proto', '@temporalio/worker'].map((name) => {
      const sdk = createRequire(createRequire(`${from}x.ts`).resolve(name));
      return sdk.resolve('protobufjs');
    });
    expect(new Set(copies).size).toBe(1);
  });
});
