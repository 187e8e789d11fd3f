import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { temporalVersion } from './install-version.ts';

/** Later releases cannot be installed so: their go.mod has a replace directive. */
export const goModule = `github.com/temporalio/cli/cmd/temporal@v${temporalVersion.cli}`;

export interface GoOptions {
  /** `temporal` is put here. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Called about every quarter of a minute with the seconds so far. */
  readonly onStillBuilding: (seconds: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Builds the program from its source with the Go on PATH: 2 min 40 s on two cores, once. */
export const installWithGo = ({ folder, environment, onStillBuilding, signal }: GoOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const started = Date.now();
    const ticking = setInterval(() => onStillBuilding(Math.round((Date.now() - started) / 1000)), 15_000);
    const build = spawn('go', ['install', goModule], {
      env: { ...environment, GOBIN: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
    });
    let said = '';
    build.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    build.once('error', (error: NodeJS.ErrnoException) => {
      clearInterval(ticking);
      reject(error.code === 'ENOENT' ? new Error('Go is not on PATH.') : error);
    });
    build.once('close', (code) => {
      clearInterval(ticking);
      if (code === 0) return resolve(join(folder, 'temporal'));
      const words = said.trim().split('\n').at(-1);
      reject(new Error(`go install ${goModule} failed${words ? `: ${words}` : '.'}`, { cause: new Error(said) }));
    });
  });
