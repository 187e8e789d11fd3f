import { execFile, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Refusal } from '../lib/refusal.ts';

export interface ServerPrograms {
  /** Folder with `temporal-server` and `temporal-sql-tool`, named as in Temporal's images. */
  readonly folder: string;
  /** The `schema` folder of the same release. */
  readonly schema: string;
}

const module = 'go.temporal.io/server';
const programs = { 'temporal-sql-tool': 'cmd/tools/sql', 'temporal-server': 'cmd/server' } as const;

/** Builds a release of Temporal's server from its Go module, once; later runs find it. */
export const installServer = async (
  toolsFolder: string,
  version: string,
  say: (line: string) => void,
): Promise<ServerPrograms> => {
  const folder = join(toolsFolder, `temporal-server-${version}`);
  mkdirSync(folder, { recursive: true });
  for (const [name, path] of Object.entries(programs)) {
    if (existsSync(join(folder, name))) continue;
    say(`building ${name} ${version} with Go, which takes some minutes`);
    const build = join(folder, 'build');
    await goInstall(`${module}/${path}@v${version}`, build);
    // Go names a program after its folder.
    const made = join(build, path.split('/').at(-1) ?? '');
    copyFileSync(made, join(folder, `${name}.new`));
    renameSync(join(folder, `${name}.new`), join(folder, name));
  }
  const { stdout } = await promisify(execFile)('go', ['env', 'GOMODCACHE']);
  const schema = join(stdout.trim(), `${module}@v${version}`, 'schema');
  if (!existsSync(schema)) await goDownload(`${module}@v${version}`);
  return { folder, schema };
};

const go = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<void> =>
  new Promise((resolve, reject) => {
    // The server may ask for a newer Go than the one that is here, which then fetches it.
    const child = spawn('go', args, {
      env: { ...process.env, GOTOOLCHAIN: 'auto', ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Refusal('This needs Go on PATH: https://go.dev/dl') : error),
    );
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Refusal(`go ${args.join(' ')} failed:\n${said.trim()}`)),
    );
  });

const goInstall = (target: string, folder: string) => go(['install', target], { GOBIN: folder });
const goDownload = (target: string) => go(['mod', 'download', target]);
