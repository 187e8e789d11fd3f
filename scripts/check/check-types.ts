import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { projectFolder } from '../lib/folders.ts';
import type { RunCommand } from './run-command.ts';

/** Every TypeScript project of the workspace, and that every TypeScript file belongs to one: tests are type-checked too. */
export const checkTypes = async (command: RunCommand): Promise<string | null> => {
  const generated = await command('react-router', ['typegen'], join(projectFolder, 'web'));
  if (generated.code !== 0) return generated.said;

  const projects = findProjects();
  if (projects.length < 10) return `Only ${projects.length} TypeScript projects were found.`;
  const built = await command('tsc', ['-b', ...projects]);
  if (built.code !== 0) return built.said;

  const listed = await listedFiles(projects, command);
  const unchecked = sourceFiles().filter((file) => !listed.has(file));
  return unchecked.length === 0 ? null : `These files belong to no tsconfig.json:\n${unchecked.join('\n')}`;
};

const findProjects = (): string[] =>
  globSync(['tsconfig.json', '*/tsconfig*.json', '*/src/**/tsconfig*.json'], {
    cwd: projectFolder,
    exclude: isForeign,
  }).toSorted();

const isForeign = (path: string): boolean =>
  /(^|\/)(node_modules|build|\.react-router|\.tools|\.everwave)(\/|$)/.test(path);

const sourceFiles = (): string[] =>
  globSync(['**/*.ts', '**/*.tsx'], { cwd: projectFolder, exclude: isForeign }).filter((file) => !isForeign(file));

const listedFiles = async (projects: readonly string[], command: RunCommand): Promise<Set<string>> => {
  const files = new Set<string>();
  for (const project of projects) {
    const buildInfo = readBuildInfo(project) ?? (await listFiles(project, command));
    for (const file of buildInfo) files.add(relative(projectFolder, file));
  }
  return files;
};

/** What `tsc -b` has written down about a project it has just checked. */
const readBuildInfo = (project: string): string[] | null => {
  const config = readFileSync(join(projectFolder, project), 'utf8');
  const named = /"tsBuildInfoFile":\s*"\$\{configDir\}\/([^"]+)"/.exec(config)?.[1];
  const file = join(projectFolder, dirname(project), named ?? 'node_modules/.cache/tsc/tsconfig.tsbuildinfo');
  if (!existsSync(file)) return null;
  const { fileNames } = JSON.parse(readFileSync(file, 'utf8')) as { fileNames?: string[] };
  return fileNames?.map((name) => resolve(dirname(file), name)) ?? null;
};

const listFiles = async (project: string, command: RunCommand): Promise<string[]> => {
  const { said } = await command('tsc', ['-p', project, '--listFilesOnly']);
  return said.split('\n').filter((line) => line.startsWith('/'));
};
