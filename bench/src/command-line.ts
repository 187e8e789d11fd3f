import { parseArgs } from 'node:util';
import { type ProfiledLane, profiledLanes } from './profile/profile.ts';
import { Refusal } from '../../scripts/lib/refusal.ts';

export const helpText = `pnpm bench <what> [options]

  engine              our lanes against workflows written by hand
  webhook             deliveries and api calls, from quiet to five times the capacity
  waiting [runs]      what the worker holds for runs that wait (10000)
  loop [items]        one loop over so many items, and its end when it is cancelled half-way (100000)
  large [MiB]         a file near the limit, from a service to a form, and the worker's memory (256)
  identity            whether the time of an answer tells that an address has an account
  soak [minutes]      a steady load, and whether anything grows (10)
  profile <lane>      where the CPU goes on a lane: durable, express, host, byHand, byHandExpress

  --rounds <count>    how often each lane is measured (5)
  --quick             small counts: whether the bench works, not how fast the product is
  --express           loop: in the express lane
  --keep <folder>     profile: leave the .cpuprofile files there
  --json              nothing but the last line
  --help              this page

Each prints tables, and one JSON object as its last line. docs/performance.md says what the figures mean.
`;

interface Common {
  readonly quick: boolean;
  readonly jsonOnly: boolean;
}

export type BenchCommand = Common &
  (
    | { readonly name: 'engine'; readonly rounds: number }
    | { readonly name: 'webhook' }
    | { readonly name: 'identity' }
    | { readonly name: 'waiting'; readonly runs: number }
    | { readonly name: 'loop'; readonly items: number; readonly lane: 'durable' | 'express' }
    | { readonly name: 'large'; readonly mebibytes: number }
    | { readonly name: 'soak'; readonly minutes: number }
    | { readonly name: 'profile'; readonly lane: ProfiledLane; readonly keep: string | null }
  );

/** null: help was asked for. Throws a sentence for what it does not understand. */
export const parseCommandLine = (args: readonly string[]): BenchCommand | null => {
  const { values, positionals } = parse(args);
  const [name, ...rest] = positionals;
  if (values.help || name === undefined) return null;
  const [what, ...tooMuch] = rest;
  if (tooMuch.length > 0 || (what !== undefined && !['profile', 'waiting', 'loop', 'large', 'soak'].includes(name)))
    throw wrong(`It takes no ${rest.join(' ')}.`);
  const common = { quick: values.quick, jsonOnly: values.json };
  switch (name) {
    case 'engine':
      return { ...common, name, rounds: toCount('--rounds', values.rounds, values.quick ? 1 : 5, 100) };
    case 'webhook':
    case 'identity':
      return { ...common, name };
    case 'waiting':
      return { ...common, name, runs: toCount('The number of runs', what, values.quick ? 40 : 10_000, 100_000) };
    case 'loop':
      return {
        ...common,
        name,
        items: toCount('The number of items', what, values.quick ? 600 : 100_000, 100_000),
        lane: values.express ? 'express' : 'durable',
      };
    case 'large':
      return { ...common, name, mebibytes: toCount('The number of MiB', what, values.quick ? 8 : 256, 256) };
    case 'soak':
      return { ...common, name, minutes: toCount('The number of minutes', what, 10, 24 * 60) };
    case 'profile':
      return { ...common, name, lane: toLane(what), keep: values.keep ?? null };
    default:
      throw wrong(`There is no bench called ${name}.`);
  }
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        keep: { type: 'string' },
        quick: { type: 'boolean', default: false },
        express: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw wrong((error as Error).message);
  }
};

const toLane = (text: string | undefined): ProfiledLane => {
  const lane = profiledLanes.find((name) => name === text);
  if (lane) return lane;
  throw wrong(text === undefined ? 'profile needs a lane.' : `There is no lane called ${text}.`);
};

const toCount = (what: string, text: string | undefined, fallback: number, most: number): number => {
  if (text === undefined) return fallback;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw wrong(`${what} is a whole number from 1 to ${most}; it was given ${text}.`);
};

const wrong = (reason: string): Refusal => new Refusal(`${reason}\n\n${helpText}`);
