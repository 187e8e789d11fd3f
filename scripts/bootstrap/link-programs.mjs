import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Puts the programs into `bin/` of the tools folder, so that a person can have them on PATH. Where that cannot be done, nothing is lost: what
 * we start ourselves is started by its full path.
 *
 * @param {string} toolsFolder
 * @param {{ node: string, pnpm: string }} programs
 */
export const linkPrograms = (toolsFolder, programs) => {
  const folder = join(toolsFolder, 'bin');
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, program] of Object.entries(programs)) link(join(folder, name), relative(folder, program));
  } catch {
    // A folder that is read-only, or a process beside this one that links the same.
  }
};

/**
 * @param {string} path
 * @param {string} target
 */
const link = (path, target) => {
  if (targetOf(path) === target) return;
  rmSync(path, { force: true });
  symlinkSync(target, path);
};

/** @param {string} path */
const targetOf = (path) => {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
};
