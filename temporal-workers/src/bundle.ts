import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failureConverterPath } from '@everwave/temporal/data-converter';
import type { Logger } from '@everwave/temporal/logger';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';
import { inNodesOwnLanguage } from './bundle-language.ts';

const here = dirname(fileURLToPath(import.meta.url));
const schemaSources = dirname(createRequire(import.meta.url).resolve('@everwave/schema/run'));
const cacheFolder = join(here, '..', 'node_modules', '.cache', 'workflow-bundle');

const preloadModules = [join(here, 'workflows', 'preloaded.ts')];

/** Every source that can end up in the bundle, and the packages it is built with. */
const sourceFiles = (): string[] => [
  failureConverterPath,
  ...['bundle.ts', 'bundle-language.ts'].map((name) => join(here, name)),
  ...['../interpreter', '../flow', '../run'].flatMap((folder) => typescriptFiles(join(schemaSources, folder))),
  ...typescriptFiles(join(here, 'workflows')),
  createRequire(import.meta.url).resolve('@temporalio/worker/package.json'),
  ...['jsonata', 're2js'].map((name) => createRequire(schemaSources).resolve(name)),
];

const typescriptFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .toSorted()
    .map((name) => join(folder, name));

const hashOf = (files: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex').slice(0, 32);
};

/** Builds the code that runs in Temporal's sandbox. Takes a few seconds. */
export const buildWorkflowBundle = (logger: Logger): Promise<{ readonly code: string }> =>
  bundleWorkflowCode({
    workflowsPath: join(here, 'workflows', 'index.ts'),
    failureConverterPath,
    preloadModules,
    webpackConfigHook: inNodesOwnLanguage,
    logger: new DefaultLogger('WARN', ({ level, message }) => logger.debug('bundling workflows', { level, message })),
  });

/** The bundle, built when a source has changed since the last time: a worker's second start takes it from a file. */
export const loadWorkflowBundle = async (logger: Logger): Promise<WorkflowBundleOption> => {
  const codePath = join(cacheFolder, `${hashOf(sourceFiles())}.js`);
  if (existsSync(codePath)) return { codePath };
  logger.info('building the workflow bundle');
  const { code } = await buildWorkflowBundle(logger);
  try {
    keep(codePath, code);
  } catch (error) {
    logger.info('the workflow bundle is not kept for the next start', { folder: cacheFolder, error });
  }
  return { code };
};

const keep = (codePath: string, code: string): void => {
  mkdirSync(cacheFolder, { recursive: true });
  removeOld();
  const unfinished = `${codePath}.${randomUUID()}`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, codePath);
};

/** Bundles of earlier sources. A younger one may be another process's, just about to be read. */
const removeOld = (): void => {
  const hour = 60 * 60 * 1_000;
  for (const name of readdirSync(cacheFolder)) {
    const file = join(cacheFolder, name);
    if (Date.now() - statSync(file).mtimeMs > hour) rmSync(file, { force: true });
  }
};
