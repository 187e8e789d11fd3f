// The first thing that runs on a fresh clone, on whatever Node is there (18 or later): plain JavaScript, no dependencies.
// It puts the right Node and pnpm into a local tools folder, installs the packages, and runs the script that was asked for.
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './bootstrap/install-packages.mjs';
import { installTools } from './bootstrap/install-tools.mjs';
import { linkPrograms } from './bootstrap/link-programs.mjs';
import { Refusal } from './bootstrap/refusal.mjs';
import { runScript } from './bootstrap/run-script.mjs';

const projectFolder = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const main = async () => {
  const [name, ...rest] = process.argv.slice(2);
  const script = join(projectFolder, 'scripts', `${name}.ts`);
  if (!name || !/^[a-z-]+$/.test(name) || !existsSync(script)) {
    throw new Refusal(`Usage: node scripts/bootstrap.mjs <${scriptNames().join('|')}> [arguments]`);
  }
  const toolsFolder = resolve(projectFolder, process.env['EVERWAVE_TOOLS'] || '.tools');
  const tools = await installTools(toolsFolder);
  linkPrograms(toolsFolder, tools);
  const environment = {
    ...process.env,
    PATH: [dirname(tools.node), dirname(tools.pnpm), process.env['PATH']].filter(Boolean).join(delimiter),
  };
  await installPackages({ projectFolder, pnpm: tools.pnpm, environment });
  process.exitCode = await runScript(tools.node, [script, ...rest], { projectFolder, environment });
};

const scriptNames = () =>
  readdirSync(join(projectFolder, 'scripts'))
    .filter((file) => file.endsWith('.ts') && !file.includes('.test.'))
    .map((file) => file.slice(0, -'.ts'.length));

main().catch((error) => {
  process.stderr.write(`${error instanceof Refusal ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
