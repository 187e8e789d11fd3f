import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';

/**
 * The files that a build may copy: those that git knows or would add, less what `.dockerignore` leaves out. Paths are
 * relative to the project.
 */
export const listContext = (projectFolder: string): readonly string[] => {
  const isIgnored = readIgnoreRules(readFileSync(join(projectFolder, '.dockerignore'), 'utf8'));
  const known = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: projectFolder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
  });
  return [...new Set(known.split('\0'))].filter((path) => path !== '' && !isIgnored(path));
};

/** The last rule that matches a path, or one of the folders above it, decides. */
export const readIgnoreRules = (text: string): ((path: string) => boolean) => {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ pattern: line.replace(/^!/, ''), ignores: !line.startsWith('!') }));
  return (path) => {
    const parts = path.split('/');
    const withFolders = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    const last = rules.findLast(({ pattern }) => withFolders.some((one) => matches(one, pattern)));
    return last?.ignores ?? false;
  };
};

/** `**` stands for any number of folders, none included. */
const matches = (path: string, pattern: string): boolean =>
  matchesGlob(path, pattern) || (pattern.startsWith('**/') && matchesGlob(path, pattern.slice('**/'.length)));
