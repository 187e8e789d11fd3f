import { cutTextBefore } from '../runtime/cut-text.ts';
import { sandboxLimits as limits } from './limits.ts';
import type { ConsoleLevel } from './messages.ts';

export interface ConsoleLine {
  readonly level: ConsoleLevel;
  readonly text: string;
}

/** Keeps the first lines that an author's code writes, as many as fit. */
export interface ConsoleLines {
  add(level: ConsoleLevel, text: string): void;
  readonly kept: readonly ConsoleLine[];
  readonly dropped: number;
  /** The last kept lines, for the message of a failure; empty without lines. */
  tail(): string;
}

const tailLines = 5;
const tailLength = 500;

export const createConsoleLines = (): ConsoleLines => {
  const kept: ConsoleLine[] = [];
  let bytes = 0;
  let dropped = 0;
  return {
    kept,
    get dropped() {
      return dropped;
    },
    add(level, text) {
      // Half a character cannot be stored.
      const line = { level, text: Buffer.from(text).toString() };
      bytes += Buffer.byteLength(JSON.stringify(line));
      if (bytes <= limits.consoleBytes) kept.push(line);
      else dropped += 1;
    },
    tail() {
      const text = kept
        .slice(-tailLines)
        .map((line) => `${line.level}: ${line.text}`)
        .join('\n');
      return cutTextBefore(text, tailLength);
    },
  };
};
