import { fileURLToPath } from 'node:url';
import { runCli } from './cli.ts';
import { runScript } from './run-script.ts';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));

process.exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  folder: projectFolder,
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
  runScript: (name, args) => runScript(projectFolder, name, args),
});
