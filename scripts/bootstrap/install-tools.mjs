import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thisMachine, toolPackages } from './platform.mjs';
import { Refusal } from './refusal.mjs';
import { runStep } from './run-step.mjs';

/**
 * Puts Node and pnpm into the tools folder with the npm that is there, as its user configured it. Does nothing when they
 * are there already.
 *
 * @param {string} toolsFolder
 * @param {{ platform: string, arch: string, musl: boolean }} [machine]
 * @returns {Promise<{ node: string, pnpm: string }>} paths of the two programs
 */
export const installTools = async (toolsFolder, machine = thisMachine()) => {
  const wanted = Object.values(toolPackages(machine));
  const [node, pnpm] = wanted.map(({ name, program }) => join(toolsFolder, 'node_modules', name, program));
  const programs = { node: /** @type {string} */ (node), pnpm: /** @type {string} */ (pnpm) };
  if (wanted.every((tool) => isInstalled(toolsFolder, tool))) return programs;

  prepareFolder(toolsFolder);
  await runStep(
    `Installing Node ${wanted[0]?.version} and pnpm ${wanted[1]?.version} into ${toolsFolder}`,
    'npm',
    [
      'install',
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      // npm's own limits keep a machine without network waiting for minutes.
      '--fetch-retry-mintimeout=2000',
      '--fetch-retry-maxtimeout=10000',
      ...wanted.map(({ name, version }) => `${name}@${version}`),
    ],
    { cwd: toolsFolder, env: withoutNpmRun(process.env) },
  );
  const absent = wanted.find((tool) => !isInstalled(toolsFolder, tool));
  if (absent) {
    throw new Refusal(
      `npm reported success, but ${absent.name} is not in ${toolsFolder}. Remove that folder and start again.`,
    );
  }
  return programs;
};

/**
 * @param {string} toolsFolder
 * @param {{ name: string, version: string, program: string }} tool
 */
const isInstalled = (toolsFolder, { name, version, program }) => {
  const folder = join(toolsFolder, 'node_modules', name);
  try {
    return (
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version === version &&
      existsSync(join(folder, program))
    );
  } catch {
    return false;
  }
};

/** @param {string} toolsFolder */
const prepareFolder = (toolsFolder) => {
  try {
    mkdirSync(toolsFolder, { recursive: true });
    // Without a manifest of its own, npm would install into the nearest folder above that has one.
    const manifest = join(toolsFolder, 'package.json');
    if (!existsSync(manifest)) writeFileSync(manifest, `${JSON.stringify({ private: true })}\n`);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Refusal(
      `The tools folder ${toolsFolder} cannot be written (${message}). Set EVERWAVE_TOOLS to another folder.`,
    );
  }
};

/**
 * `npm start` describes its own run to its children; the npm below is another one.
 *
 * @param {NodeJS.ProcessEnv} environment
 */
const withoutNpmRun = (environment) =>
  Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix|command)/.test(name)),
  );
