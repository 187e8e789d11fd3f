import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What V8 writes with `--cpu-prof`, as far as it is read. Times are microseconds. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface Share {
  readonly name: string;
  /** Milliseconds of its own, without what it called. */
  readonly milliseconds: number;
}

export interface Thread {
  /** Milliseconds in which the thread did something. */
  readonly busy: number;
  /** Whose code ran, longest first: a package of ours, a package of others, Node, V8's own work. */
  readonly owners: readonly Share[];
  readonly functions: readonly Share[];
}

/** One per thread that wrote a profile into the folder, busiest first. */
export const readCpuProfiles = (folder: string): Thread[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => foldProfile(JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile))
    .toSorted((left, right) => right.busy - left.busy);

export const foldProfile = ({ nodes, samples, timeDeltas }: CpuProfile): Thread => {
  const ownTime = new Map<number, number>();
  samples.forEach((id, index) => ownTime.set(id, (ownTime.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1000));
  const owners = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  for (const { id, callFrame } of nodes) {
    const time = ownTime.get(id) ?? 0;
    if (time === 0 || callFrame.functionName === '(idle)') continue;
    busy += time;
    const owner = ownerOf(callFrame);
    owners.set(owner, (owners.get(owner) ?? 0) + time);
    const name = `${callFrame.functionName || '(anonymous)'} · ${placeOf(callFrame)}`;
    functions.set(name, (functions.get(name) ?? 0) + time);
  }
  return { busy, owners: longestFirst(owners), functions: longestFirst(functions) };
};

const longestFirst = (times: ReadonlyMap<string, number>): Share[] =>
  [...times]
    .map(([name, milliseconds]) => ({ name, milliseconds }))
    .toSorted((left, right) => right.milliseconds - left.milliseconds);

type Frame = CpuProfile['nodes'][number]['callFrame'];

const ours = /\/(schema|activities|temporal|temporal-workers|api|bench)\/src\//;

const ownerOf = ({ functionName, url }: Frame): string => {
  if (url === '') return functionName === '(garbage collector)' ? 'garbage collection' : 'V8';
  if (url.startsWith('node:')) return 'node';
  const dependency = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (dependency) return dependency;
  const own = ours.exec(url)?.[1];
  return own ?? (/workflow-(bundle|isolate)/.test(url) ? 'workflow bundle' : 'other');
};

const placeOf = ({ url, lineNumber }: Frame): string => {
  if (url === '') return 'native';
  const short = url
    .replace(/^.*\/node_modules\/(?!.*\/node_modules\/)/, '')
    .replace(/^file:\/\/.*?\/(?=\w[\w-]*\/src\/)/, '');
  return `${short}:${lineNumber + 1}`;
};
