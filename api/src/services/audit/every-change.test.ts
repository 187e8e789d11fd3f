import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operations } from '../../routes/operations.ts';

/** Operations that are no GET and leave no entry, each with why. */
const exceptions: Readonly<Record<string, string>> = {
  validateFlow: 'It changes nothing.',
  previewFork: 'It changes nothing.',
  previewMigration: 'It changes nothing.',
  previewGroupRepair: 'It changes nothing.',
  encodePayloads: 'It changes nothing.',
  takeSecondStep: 'It opens a session, which the list of sessions shows. A refusal is an entry.',
  createTokens: 'It opens a session, which the list of sessions shows. A refusal is an entry.',
  renewTokens: 'It goes on with a session.',
  revokeTokens: 'A program ends the session that it opened.',
  sendEvents: 'Each event is a row of its own, which says who sent it with which request, and there may be very many.',
};

const source = resolve(import.meta.dirname, '../..');
const auditModule = join(source, 'services/audit.ts');
const routeFiles = globSync('routes/**/*.ts', { cwd: source })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => join(source, file));

const fileOf = (operationId: string): string | undefined =>
  routeFiles.find((file) => readFileSync(file, 'utf8').includes(`operationId: '${operationId}'`));

/** The names that a file takes from others of ours, by file. */
const importsOf = (file: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...readFileSync(file, 'utf8').matchAll(/^import \{([^}]*)\} from '(\.[^']+)';/gm)].map(
      ([, names = '', path = '']) => [resolve(dirname(file), path), names.split(',').map((name) => name.trim())],
    ),
  );

/** Whether a call of the file, or of what it calls, writes an entry. */
const writesEntry = (file: string, seen = new Set<string>()): boolean => {
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  const imports = importsOf(file);
  if (imports.get(auditModule)?.includes('audit') && /\baudit\(/.test(readFileSync(file, 'utf8'))) return true;
  return [...imports.keys()]
    .filter((path) => path.startsWith(join(source, 'services')) && !/note-refusal|operation\.ts/.test(path))
    .some((path) => writesEntry(path, seen));
};

const changing = operations.map(({ route }) => route).filter(({ method }) => method !== ('get' as string));

describe('an operation that changes something', () => {
  it.each(changing.map(({ operationId }) => operationId))('%s leaves an entry, or says why not', (operationId) => {
    const file = fileOf(operationId);
    expect(file, `No file of routes holds ${operationId}.`).toBeDefined();
    expect(writesEntry(file ?? '') || operationId in exceptions).toBe(true);
  });

  it('is excepted only while it is there', () => {
    const known = changing.map(({ operationId }) => operationId as string);
    expect(Object.keys(exceptions).filter((each) => !known.includes(each))).toEqual([]);
  });

  it('would be found without an entry', () => {
    const reading = operations.find(({ route }) => route.operationId === 'listNodeKinds')?.route.operationId ?? '';
    expect(writesEntry(fileOf(reading) ?? '')).toBe(false);
  });
});
