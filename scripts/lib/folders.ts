import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with the root package.json. */
export const projectFolder = fileURLToPath(new URL('../..', import.meta.url));

/** Where Node, pnpm and Temporal are kept: `.tools/`, or EVERWAVE_TOOLS. */
export const toolsFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  resolve(projectFolder, environment['EVERWAVE_TOOLS'] || '.tools');
