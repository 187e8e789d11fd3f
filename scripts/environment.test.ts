import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, it } from 'vitest';
import { projectFolder } from './lib/folders.ts';

const variable = /\b(?:EVERWAVE|TEMPORAL|OTEL)_[A-Z_]+\b|\bDATABASE_URL\b/g;
// The one place of each process that reads its environment (docs: convention 20), and the bootstrap, which comes before all.
const readers = globSync(['*/src/**/env.ts', 'scripts/**/env.ts', 'web/app/env.server.ts', 'scripts/bootstrap.mjs'], {
  cwd: projectFolder,
  exclude: (path) => path.includes('node_modules'),
});
const readText = (file: string) => readFileSync(join(projectFolder, file), 'utf8');
const readByUs = new Set(readers.flatMap((file) => readText(file).match(variable) ?? []));
const documented = new Set(Object.keys(parseEnv(readText('.env.example'))));

it('has read the processes', () => {
  expect(readers.length).toBeGreaterThanOrEqual(7);
  expect(readByUs.size).toBeGreaterThan(25);
});

it('.env.example describes every variable that a process reads', () => {
  expect([...readByUs].filter((name) => !documented.has(name))).toEqual([]);
});

it('.env.example describes nothing that no process reads', () => {
  expect([...documented].filter((name) => !readByUs.has(name))).toEqual([]);
});

it('a copy of .env.example changes nothing', async () => {
  const { parseSettings } = await import('./supervisor/env.ts');
  const { variables: _copied, ...copied } = parseSettings(parseEnv(readText('.env.example')));
  const { variables: _bare, ...bare } = parseSettings({});
  expect(copied).toEqual(bare);
});
