import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { projectFolder } from '../lib/folders.ts';
import { Refusal } from '../lib/refusal.ts';
import { lastWords } from './render-log.ts';

const preparedSchema = z.object({
  firstStart: z.boolean(),
  /** One-time link that sets the owner's password; null once it has been used. */
  setupUrl: z.string().nullable(),
  /** Fires the sample flow. */
  sampleCurl: z.string().nullable(),
  /** Only when it was newly made. */
  apiKey: z.string().nullable(),
  orgId: z.string(),
  flowId: z.string().nullable(),
});
export type Prepared = z.infer<typeof preparedSchema>;

/** Brings the database to this release, checks the key against the data, and makes the first org with its sample flow. */
export const prepare = (environment: NodeJS.ProcessEnv, onLine: (line: string) => void): Promise<Prepared> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(projectFolder, 'api', 'src', 'prepare.ts')], {
      cwd: projectFolder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let answer = '';
    child.stdout.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      onLine(line);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code !== 0) {
        return reject(
          new Refusal(lastWords(said) ?? `The database could not be prepared (${signal ?? `exit code ${code}`}).`),
        );
      }
      const line = answer.trim().split('\n').at(-1) ?? '';
      try {
        resolve(preparedSchema.parse(JSON.parse(line)));
      } catch (error) {
        reject(
          new Error(`The preparation of the database answered in an unknown form: ${line.slice(0, 200)}`, {
            cause: error,
          }),
        );
      }
    });
  });
