import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { projectFolder } from '../lib/folders.ts';
import { readImports } from './read-imports.ts';

export const packageFolders = ['schema', 'activities', 'temporal', 'temporal-workers', 'api', 'web', 'cli'] as const;

export interface Edge {
  /** A file of ours, relative to the project's folder, or null for a package of others. */
  readonly file: string | null;
  /** What the import says, for example `zod` or `node:fs`. */
  readonly specifier: string;
  readonly typeOnly: boolean;
}

export interface ImportGraph {
  /** Each source file of ours with what it imports. Tests and what only tests use are not in it. */
  readonly files: ReadonlyMap<string, readonly Edge[]>;
  /** Everything that runs when the entry is loaded: files of ours, and specifiers of others. */
  reach(entry: string): { files: Set<string>; others: Set<string>; path: (target: string) => string[] };
}

/** Reads every source file of the packages. Throws for an import of ours that leads nowhere. */
export const readImportGraph = (): ImportGraph => {
  const doors = readDoors();
  const files = new Map<string, readonly Edge[]>();
  for (const folder of packageFolders) {
    for (const file of sourceFiles(folder)) {
      const source = readFileSync(join(projectFolder, file), 'utf8');
      files.set(
        file,
        readImports(source).map(({ specifier, typeOnly }) => ({
          file: resolveOwn(file, specifier, doors),
          specifier,
          typeOnly,
        })),
      );
    }
  }
  return { files, reach: (entry) => reach(files, entry) };
};

const reach = (files: ReadonlyMap<string, readonly Edge[]>, entry: string) => {
  if (!files.has(entry)) throw new Error(`There is no source file ${entry}.`);
  const cameFrom = new Map<string, string | null>([[entry, null]]);
  const others = new Set<string>();
  const pending = [entry];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    for (const edge of files.get(file) ?? []) {
      if (edge.typeOnly) continue;
      const target = edge.file ?? edge.specifier;
      if (edge.file === null) others.add(edge.specifier);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, file);
      if (edge.file !== null) pending.push(edge.file);
    }
  }
  const path = (target: string): string[] => {
    const steps: string[] = [];
    for (let at: string | null | undefined = target; at; at = cameFrom.get(at)) steps.unshift(at);
    return steps;
  };
  return { files: new Set([...cameFrom.keys()].filter((name) => files.has(name))), others, path };
};

const sourceFiles = (folder: string): string[] =>
  readdirSync(join(projectFolder, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(projectFolder, join(entry.parentPath, entry.name)))
    .filter(
      (file) => !/node_modules|\/build\/|\.react-router|\/tests?\/|\/testing\/|\.test(-d)?\.tsx?$|\.d\.ts$/.test(file),
    );

/** `@everwave/schema/run` → `schema/src/run/index.ts` */
const readDoors = (): ReadonlyMap<string, string> => {
  const doors = new Map<string, string>();
  for (const folder of packageFolders) {
    const manifest = JSON.parse(readFileSync(join(projectFolder, folder, 'package.json'), 'utf8')) as {
      name: string;
      exports?: Record<string, string>;
    };
    for (const [door, file] of Object.entries(manifest.exports ?? {})) {
      doors.set(join(manifest.name, door), join(folder, file));
    }
  }
  return doors;
};

const resolveOwn = (from: string, specifier: string, doors: ReadonlyMap<string, string>): string | null => {
  const plain = specifier.replace(/\?.*$/, '');
  if (plain.startsWith('@everwave/')) {
    const file = doors.get(plain);
    if (!file) throw new Error(`${from} imports ${specifier}, which is no door of that package.`);
    return file;
  }
  const target = plain.startsWith('#app/')
    ? join('web/app', plain.slice('#app/'.length))
    : plain.startsWith('.')
      ? join(dirname(from), plain)
      : null;
  if (target === null || !/\.tsx?$/.test(target)) return null;
  if (target.includes('/+types/')) return null;
  if (!existsSync(join(projectFolder, target))) throw new Error(`${from} imports ${specifier}, which does not exist.`);
  return target;
};
