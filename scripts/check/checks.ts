import { checkTypes } from './check-types.ts';
import type { RunCommand } from './run-command.ts';
import { scanForSecrets } from './scan-for-secrets.ts';

export interface Check {
  readonly title: string;
  /** null when all is well, else what is wrong. */
  readonly run: (command: RunCommand) => Promise<string | null>;
}

/** Fewer files than this, and the tool was pointed at the wrong place. */
const fewest = 200;

/** A tool that says how many files it has read: a success that read nothing is none. */
const counted =
  (program: string, args: readonly string[], pattern: RegExp) =>
  async (command: RunCommand): Promise<string | null> => {
    const { code, said } = await command(program, args);
    if (code !== 0) return said;
    const count = Number(pattern.exec(said)?.[1] ?? 0);
    return count >= fewest ? null : `${program} has read ${count} files only, so its success means nothing.\n${said}`;
  };

const succeeds =
  (program: string, args: readonly string[]) =>
  async (command: RunCommand): Promise<string | null> => {
    const { code, said } = await command(program, args);
    return code === 0 ? null : said;
  };

export const checks: readonly Check[] = [
  { title: 'format', run: counted('biome', ['format', '.'], /Checked (\d+) files/) },
  // Before lint, which reads the route types that this generates.
  { title: 'types', run: checkTypes },
  { title: 'lint', run: counted('oxlint', ['--type-aware', '.'], /on (\d+) files/) },
  {
    title: 'import direction',
    run: succeeds('vitest', [
      'run',
      '--project',
      'scripts',
      'scripts/import-direction.test.ts',
      'scripts/environment.test.ts',
    ]),
  },
  {
    title: 'every way into the api has an access',
    run: succeeds('vitest', ['run', '--project', 'api', 'api/src/edge/route-table.test.ts']),
  },
  { title: 'dead code', run: succeeds('knip', ['--no-progress']) },
  { title: 'dead code in production', run: succeeds('knip', ['--no-progress', '--production']) },
  { title: 'no secrets', run: scanForSecrets },
  { title: 'licences and notices', run: succeeds('node', ['scripts/notices.ts']) },
];
