import { dirname, delimiter } from 'node:path';
import { installTemporal } from '@everwave/temporal/install';
import { toolsFolder } from '../lib/folders.ts';
import { Refusal } from '../lib/refusal.ts';
import { buildWeb, isWebBuilt } from '../supervisor/build-web.ts';
import { findOrInstallChromium } from './chromium.ts';

/** Puts in place what the tests need and returns the environment to run them in. */
export const prepareTests = async (say: (line: string) => void): Promise<NodeJS.ProcessEnv> => {
  const temporal = await installTemporal({
    toolsFolder: toolsFolder(),
    environment: process.env,
    onProgress: (message) => say(`· ${message}`),
  }).catch((error: Error) => {
    throw new Refusal(error.message, { cause: error });
  });
  const chromium = await findOrInstallChromium(process.env, say);
  if (!isWebBuilt()) {
    say('· Building the web …');
    await buildWeb(process.env);
  }
  const folders = [dirname(process.execPath), dirname(temporal.binary), process.env['PATH']];
  return withoutSettings({ ...process.env, PATH: folders.join(delimiter), EVERWAVE_CHROMIUM: chromium });
};

/** A person's own settings must not decide about a test. */
const withoutSettings = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) =>
        ['EVERWAVE_CHROMIUM', 'EVERWAVE_TOOLS'].includes(name) || !/^(EVERWAVE_|TEMPORAL_|DATABASE_URL$)/.test(name),
    ),
  );
