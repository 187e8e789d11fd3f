import { pino } from 'pino';

/** Where lines go. */
export interface Output {
  write(line: string): void;
  /** Writes what waits, at once. */
  flush(): void;
}

/** Milliseconds that a line waits for others, at most. */
const longestWait = 100;
/** Characters that do not wait. */
const enough = 8_192;

/**
 * Standard output, written in pieces: one write for each line cost the worker a twentieth of its time. Whatever ends the
 * process, as far as a process hears of its end, what waits is written first. A signal that nobody handles ends it without
 * a word, so nothing waits until somebody does, nor once a first signal was handled and a second would end it.
 */
export const createBufferedOutput = (): Output => {
  const target = pino.destination({ dest: 1, sync: true, minLength: enough });
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    target.flush();
  };
  process.once('exit', () => target.flushSync());
  return {
    write: (line) => {
      target.write(line);
      if (!hearsSignals()) flush();
      else timer ??= setTimeout(flush, longestWait).unref();
    },
    flush,
  };
};

const hearsSignals = (): boolean => process.listenerCount('SIGTERM') > 0 && process.listenerCount('SIGINT') > 0;
