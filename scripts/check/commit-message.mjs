import { readFileSync } from 'node:fs';

// Conventional Commits with our packages as scopes, so that a history can be read and filtered.
const types = ['feat', 'fix', 'docs', 'test', 'refactor', 'perf', 'build', 'ci', 'style', 'chore'];
const scopes = [
  'schema',
  'activities',
  'temporal',
  'temporal-workers',
  'api',
  'web',
  'cli',
  'scripts',
  'chaos',
  'bench',
];
const pattern = new RegExp(`^(${types.join('|')})(\\((${scopes.join('|')})\\))?!?: \\S.{2,}$`);

const [subject = ''] = readFileSync(process.argv[2] ?? '/dev/stdin', 'utf8').split('\n');
const isGenerated = /^(Merge|Revert|fixup!|squash!)/.test(subject);
if (!isGenerated && (!pattern.test(subject) || subject.length > 100)) {
  process.stderr.write(
    `"${subject}" is no Conventional Commit of this project, such as "feat(api): list runs by tag" (100 characters at most).\n`,
  );
  process.exitCode = 1;
}
