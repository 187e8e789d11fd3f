import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { choosePorts } from '../supervisor/addresses.ts';
import { parseSettings, portNames } from '../supervisor/env.ts';

/**
 * The environment of a machine that has never seen the project: empty caches of npm, pnpm and Go, no Temporal and none of our
 * tools on PATH. The person's own npm settings stay, as they would be there.
 */
export const freshEnvironment = async (
  folder: string,
  environment: NodeJS.ProcessEnv,
  ownTools: string,
): Promise<NodeJS.ProcessEnv> => {
  const empty = (name: string) => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const kept = Object.entries(environment).filter(
    ([name]) => !/^(EVERWAVE_|TEMPORAL_|DATABASE_URL$|npm_|pnpm_|PNPM_|INIT_CWD$|VITEST)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    ...(await freePorts()),
    PATH: (environment['PATH'] ?? '')
      .split(delimiter)
      .filter((path) => path !== '' && !path.startsWith(ownTools) && !path.includes('node_modules'))
      .filter((path) => !isExecutable(join(path, 'temporal')))
      .join(delimiter),
    npm_config_cache: empty('npm-cache'),
    XDG_DATA_HOME: empty('data'),
    XDG_CACHE_HOME: empty('cache'),
    XDG_STATE_HOME: empty('state'),
    GOPATH: empty('go'),
    GOMODCACHE: empty('go-modules'),
    GOCACHE: empty('go-build'),
    NO_COLOR: '1',
  };
};

/** Free ones, the same for every start: a webhook's address should not change. */
const freePorts = async (): Promise<Record<string, string>> => {
  const open = Object.fromEntries(portNames.map((name) => [name, '0']));
  const { ports } = await choosePorts(parseSettings(open));
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
};

/** Which of the caches were used: proof that they were empty and that nothing was taken from elsewhere. */
export const usedCaches = (folder: string): string[] =>
  ['npm-cache/_cacache', 'data/pnpm', 'go-modules/cache', 'go-build/00'].filter((name) =>
    existsSync(join(folder, name)),
  );

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
