import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Harness } from './harness.ts';

const programs = { api: '../../api/src/main.ts', worker: '../src/main.ts' } as const;

/** The real api and the real worker, in processes of their own that a test can kill. */
export interface Processes {
  start(name: keyof typeof programs): ChildProcess;
  /** An api, once it answers. */
  startApi(): Promise<{ readonly url: string; readonly process: ChildProcess }>;
  /** With SIGKILL. */
  kill(process: ChildProcess): Promise<void>;
  close(): void;
}

export const createProcesses = ({ variables }: Harness): Processes => {
  const children = new Set<ChildProcess>();
  const start: Processes['start'] = (name) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL(programs[name], import.meta.url))], {
      env: { ...variables, EVERWAVE_API_PORT: '0', EVERWAVE_LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.add(child);
    return child;
  };
  return {
    start,
    startApi: async () => {
      const api = start('api');
      return { url: await addressOf(api), process: api };
    },
    kill: async (child) => {
      child.kill('SIGKILL');
      await once(child, 'exit');
      children.delete(child);
    },
    close: () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
};

const addressOf = (api: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    api.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const url = /"url":"(http:\/\/[^"]+)"/.exec(text)?.[1];
      if (url) resolve(url);
    });
  });
