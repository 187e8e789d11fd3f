import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Packages and files that a door reaches at run time. Type imports vanish and are not followed. */
const reach = (door: string): { readonly files: readonly string[]; readonly packages: readonly string[] } => {
  const files = new Set<string>();
  const packages = new Set<string>();
  const pending = [resolve(import.meta.dirname, door)];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
      if (specifier.startsWith('.')) pending.push(resolve(dirname(file), specifier));
      else packages.add(specifier);
    }
  }
  return { files: [...files], packages: [...packages].toSorted() };
};

/** What a module imports or re-exports as a value: `import type` and lists made of `type` members only are left out. */
const importsOf = (source: string): readonly string[] => {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(/^(?:import|export)\s+(?<clause>[^'";]*?\sfrom\s+)?'(?<from>[^']+)';?$/gm);
  const found: string[] = [];
  for (const { groups } of statements) {
    const { clause = '', from = '' } = groups ?? {};
    if (/^type\s/.test(clause)) continue;
    const members = /\{(?<list>[^}]*)\}/.exec(clause)?.groups?.['list'];
    const names = members
      ?.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const isTypesOnly = names !== undefined && names.length > 0 && names.every((name) => name.startsWith('type '));
    if (!isTypesOnly || /^\w+\s*,/.test(clause)) found.push(from);
  }
  return found;
};

const hasDynamicImport = (file: string) => /\bimport\(|\brequire\(/.test(readFileSync(file, 'utf8'));

describe('what the workflow’s sandbox loads', () => {
  it.each([
    ['./index.ts', 20],
    ['../flow/expression.ts', 12],
  ])('%s reaches jsonata and re2js, and nothing else: no zod, no Node', (door, atLeast) => {
    const { files, packages } = reach(door);
    // A walk that reads nothing would find nothing wrong.
    expect(files.length).toBeGreaterThan(atLeast);
    expect(packages).toEqual(['jsonata', 're2js']);
    expect(files.filter(hasDynamicImport)).toEqual([]);
  });

  it('the walk sees zod where it is', () => {
    expect(reach('../flow/index.ts').packages).toContain('zod');
  });

  it('nothing in it names what a workflow does not have', () => {
    const forbidden =
      /\b(setTimeout|setInterval|Buffer|structuredClone|performance|process|crypto|Math\.random|Date\.now)\b(?!`)/;
    const offenders = reach('./index.ts').files.filter((file) => {
      const code = readFileSync(file, 'utf8')
        .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
        .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''");
      return forbidden.test(code);
    });
    expect(offenders).toEqual([]);
  });
});
