import { fileURLToPath } from 'node:url';
import { runCli } from './cli.ts';

process.exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  folder: fileURLToPath(new URL('../..', import.meta.url)),
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
});
