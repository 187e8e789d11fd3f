import type { ParseArgsConfig } from 'node:util';
import type { Client } from './client.ts';

export type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** One command of the CLI: `everwave <group> <verb> …`. */
export interface Command {
  /** As typed and as help shows it: `run show <runId>`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Prints with `print`; throws what went wrong. */
  run(context: {
    client: Client;
    environment: NodeJS.ProcessEnv;
    positionals: readonly string[];
    options: Options;
    print: (line: string) => void;
  }): Promise<void>;
}

/** A mistake in the command line itself: exit code 2 and the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const positional = (positionals: readonly string[], index: number, name: string): string => {
  const value = positionals[index];
  if (value === undefined) throw new UsageError(`Missing <${name}>.`);
  return value;
};

/** What an option was given that may stand several times. */
export const textsOf = (options: Options, name: string): readonly string[] => {
  const given = options[name];
  return Array.isArray(given) ? (given as readonly string[]) : [];
};

/** JSON given on the command line. */
export const parseJson = (text: string, option: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--${option} is not JSON: ${(error as Error).message}`);
  }
};
