import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderLog, type Paint } from './render-log.ts';

/** What a person sees, and the files that keep it. */
export interface Screen {
  readonly paint: Paint;
  /** A line of our own. */
  readonly say: (line: string) => void;
  /** A step a person waits for: one line when it starts, one when it is done. */
  readonly step: <T>(title: string, work: (say: (detail: string) => void) => Promise<T> | T) => Promise<T>;
  /** A line of a process. */
  readonly log: (service: string, line: string) => void;
}

export interface ScreenOptions {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  /** Each service's log is appended to a file here. */
  readonly logFolder: string;
  readonly now?: () => Date;
}

/** Servers that are not ours talk much and in their own words; what they say is in their files. */
const silent = new Set(['postgres', 'temporal']);
const keptBytes = 20 * 1024 ** 2;

export const createScreen = ({ write, paint, logFolder, now = () => new Date() }: ScreenOptions): Screen => {
  const sizes = new Map<string, number>();
  const say = (line: string) => write(`${line}\n`);
  let isKept = true;
  /** A disk that is full, or a folder that is gone, costs the line and not the product. */
  const keep = (service: string, line: string) => {
    const file = join(logFolder, `${service}.log`);
    try {
      const size = makeRoom(file, sizes.get(service) ?? sizeOf(file));
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
      sizes.set(service, size + Buffer.byteLength(line) + 1);
      isKept = true;
    } catch (error) {
      sizes.delete(service);
      if (isKept)
        say(`Logs are not written to ${logFolder}: ${error instanceof Error ? error.message : String(error)}`);
      isKept = false;
    }
  };
  return {
    paint,
    say,
    step: async (title, work) => {
      say(`${paint('dim', '·')} ${title} …`);
      const started = performance.now();
      const result = await work((detail) => say(`${paint('dim', '·')} ${detail}`));
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      say(`${paint('green', '✓')} ${title} ${paint('dim', `${seconds} s`)}`);
      return result;
    },
    log: (service, line) => {
      keep(service, line);
      if (!silent.has(service)) say(renderLog(service, line, paint, now));
    },
  };
};

/** Makes the folder too. */
const sizeOf = (file: string): number => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return existsSync(file) ? statSync(file).size : 0;
};

/** One older file is kept, so that logs never fill a disk. Returns the size of the file that goes on. */
const makeRoom = (file: string, size: number): number => {
  if (size <= keptBytes) return size;
  // Somebody who frees space may have removed it.
  if (existsSync(file)) renameSync(file, `${file}.1`);
  return 0;
};
