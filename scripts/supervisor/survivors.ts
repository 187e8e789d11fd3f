import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStart } from '../lib/process-identity.ts';

interface Entry {
  readonly name: string;
  readonly pid: number;
  readonly started: string | null;
  readonly signal: NodeJS.Signals;
}

/**
 * Which processes belong to a data folder. A supervisor that is killed cannot stop them; the next one does, since two workers
 * of different releases or a port that is held would be a riddle.
 */
export class Survivors {
  readonly #file: string;
  readonly #entries = new Map<string, Entry>();

  constructor(dataFolder: string) {
    this.#file = join(dataFolder, 'processes.json');
  }

  /** `signal` is what the program understands as an orderly end. */
  add(name: string, pid: number, signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#entries.set(name, { name, pid, started: processStart(pid), signal });
    writeFileSync(this.#file, JSON.stringify([...this.#entries.values()]));
  }

  clear(): void {
    rmSync(this.#file, { force: true });
  }

  /** Ends what an interrupted supervisor left behind and returns the names. */
  async end(): Promise<string[]> {
    const alive = this.#read().filter((entry) => isSame(entry));
    for (const { pid, signal } of alive) send(pid, signal);
    for (const entry of alive) await this.#untilGone(entry);
    this.clear();
    return alive.map(({ name }) => name);
  }

  #read(): Entry[] {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as Entry[];
    } catch {
      return [];
    }
  }

  async #untilGone(entry: Entry): Promise<void> {
    for (let waited = 0; isSame(entry); waited += 100) {
      if (waited === 15_000) send(entry.pid, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const isSame = ({ pid, started }: Entry): boolean => started !== null && processStart(pid) === started;

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
};
