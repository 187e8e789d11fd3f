import { readdirSync, readFileSync } from 'node:fs';
import { Refusal } from '../../scripts/lib/refusal.ts';

/** What the system knows about a process and everything it has started. */
export interface Usage {
  /** Seconds of CPU, of ended children too. */
  readonly cpuSeconds: number;
  /** Memory in use now, and the most there ever was, in MiB. Of a tree, the sum. */
  readonly memoryMiB: number;
  readonly peakMiB: number;
  /** Open files and sockets. */
  readonly handles: number;
}

/** Linux counts CPU in hundredths of a second, whatever its clock's rate. */
const ticksPerSecond = 100;

interface Stat {
  readonly parent: number;
  readonly ticks: number;
}

/** Null when the process has ended meanwhile. */
const readStat = (pid: number): Stat | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const at = (index: number) => Number(fields[index]);
    return { parent: at(1), ticks: at(11) + at(12) + at(13) + at(14) };
  } catch {
    return null;
  }
};

const readMemory = (pid: number): { memoryMiB: number; peakMiB: number } => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
  return { memoryMiB: of('VmRSS'), peakMiB: of('VmHWM') };
};

const readOne = (pid: number): Usage | null => {
  try {
    const stat = readStat(pid);
    if (!stat) return null;
    return {
      cpuSeconds: stat.ticks / ticksPerSecond,
      ...readMemory(pid),
      handles: readdirSync(`/proc/${pid}/fd`).length,
    };
  } catch {
    return null;
  }
};

/** Throws where there is no /proc: there is no other way to see inside a child's children. */
export const requireProcessUsage = (): void => {
  if (process.platform === 'linux') return;
  throw new Refusal('The bench reads what processes use from /proc, which only Linux has. Run it in a Linux machine.');
};

/** A process with its descendants, such as Postgres with one process for each connection. */
export const usageOf = (pid: number): Usage => {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null;
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)]);
  }
  const tree = (root: number): number[] => [root, ...(children.get(root) ?? []).flatMap(tree)];
  const found = tree(pid)
    .map(readOne)
    .filter((usage) => usage !== null);
  const sum = (name: keyof Usage) => found.reduce((total, usage) => total + usage[name], 0);
  return {
    cpuSeconds: sum('cpuSeconds'),
    memoryMiB: sum('memoryMiB'),
    peakMiB: sum('peakMiB'),
    handles: sum('handles'),
  };
};
