import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeVersion, pnpmVersion } from './platform.mjs';
import { runStep } from './run-step.mjs';

/**
 * Installs from the lockfile, unless nothing it depends on has changed since the last success.
 *
 * @param {{ projectFolder: string, pnpm: string, environment: NodeJS.ProcessEnv }} options
 */
export const installPackages = async ({ projectFolder, pnpm, environment }) => {
  const stamp = join(projectFolder, 'node_modules', '.everwave-install');
  const wanted = describeInstall(projectFolder);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await runStep('Installing packages from pnpm-lock.yaml', pnpm, ['install', '--frozen-lockfile'], {
    cwd: projectFolder,
    // Without a terminal pnpm asks nothing and draws nothing.
    env: { ...environment, CI: 'true' },
  });
  writeFileSync(stamp, wanted);
};

/**
 * A digest of everything that decides what an install puts into `node_modules`.
 *
 * @param {string} projectFolder
 */
export const describeInstall = (projectFolder) => {
  const manifests = readdirSync(projectFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .map((entry) => join(entry.name, 'package.json'))
    .sort();
  const digest = createHash('sha256').update(`${nodeVersion} ${pnpmVersion} ${process.platform} ${process.arch}`);
  for (const name of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    const file = join(projectFolder, name);
    if (existsSync(file)) digest.update(`\0${name}\0`).update(readFileSync(file));
  }
  return digest.digest('hex');
};
