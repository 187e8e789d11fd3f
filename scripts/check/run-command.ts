import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { projectFolder } from '../lib/folders.ts';

export interface CommandResult {
  readonly code: number;
  /** Standard output and error, in the order they came. */
  readonly said: string;
}

/** Runs a program of the workspace, such as `oxlint`. */
export type RunCommand = (program: string, args: readonly string[], folder?: string) => Promise<CommandResult>;

export const runCommand: RunCommand = (program, args, folder = projectFolder) =>
  new Promise((resolve, reject) => {
    const own = [
      join(folder, 'node_modules', '.bin'),
      join(projectFolder, 'node_modules', '.bin'),
      dirname(process.execPath),
    ];
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, PATH: [...own, process.env['PATH']].join(delimiter), NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const keep = (chunk: Buffer) => {
      said += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, said }));
  });
