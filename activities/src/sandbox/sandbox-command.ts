import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { SandboxCommand } from './sandbox-process.ts';

const folder = import.meta.dirname;
const main = join(folder, 'process', 'main.ts');

/** Heap for what passes through the process, in MB. The program's own memory is not in it. */
const heapMegabytes = 128;
/** Seconds of processor time in a process's whole life. The last resort where its worker was killed and cannot kill it. */
export const processorSeconds = 240;

/** A package's folder as it is named and as it is, with those of the packages it needs. */
const packageFolders = (name: string, from: string): string[] => {
  const require = createRequire(from);
  const named = (require.resolve.paths(name) ?? [])
    .map((place) => join(place, name))
    .find((place) => existsSync(place));
  if (!named) throw new Error(`The package ${name} is not installed. Run pnpm install.`);
  return [...new Set([named, realpathSync(named)])];
};

const readableFolders = (): string[] => {
  const here = join(folder, 'sandbox-command.ts');
  const own = ['quickjs-emscripten-core', '@jitl/quickjs-wasmfile-release-sync'].flatMap((name) =>
    packageFolders(name, here),
  );
  const core = createRequire(here).resolve('quickjs-emscripten-core');
  return [folder, ...own, ...packageFolders('@jitl/quickjs-ffi-types', dirname(core))];
};

/** The system's limits, which no code inside can lift: processor time, no core dump, no file, few handles. */
const limited = `ulimit -c 0; ulimit -f 0; ulimit -n 64; ulimit -t ${processorSeconds}; exec "$@"`;

/** How a sandbox process is started: Node with its permission model on, allowed to read its own code and nothing else. */
export const sandboxCommand = (): SandboxCommand => ({
  file: '/bin/sh',
  arguments: [
    '-c',
    limited,
    'sandbox',
    process.execPath,
    '--permission',
    ...readableFolders().map((place) => `--allow-fs-read=${place}/`),
    '--disallow-code-generation-from-strings',
    '--no-addons',
    '--no-warnings',
    `--max-old-space-size=${heapMegabytes}`,
    // QuickJS's own limit of its stack must be the first that a recursion meets.
    '--stack-size=3900',
    main,
  ],
});
