import { accessSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installRelease, officialReleases } from './install-release.ts';
import { readTemporalVersion, temporalVersion } from './install-version.ts';
import { installWithGo } from './install-with-go.ts';

export { temporalVersion } from './install-version.ts';

export interface InstallOptions {
  /** Where an installed program is kept. */
  readonly toolsFolder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** One call per step a person waits for. */
  readonly onProgress: (message: string) => void;
  readonly releasesUrl?: string;
  readonly signal?: AbortSignal;
}

export interface InstalledTemporal {
  readonly binary: string;
  readonly from: 'path' | 'cache' | 'release' | 'go';
}

/** Where an installed program is kept. */
export const cachedTemporal = (toolsFolder: string): string =>
  join(toolsFolder, 'temporal', temporalVersion.cli, 'temporal');

/** `temporal` on PATH or in the tools folder, without installing anything; null when there is none. Throws for one that is too old. */
export const findTemporal = async (
  toolsFolder: string,
  environment: NodeJS.ProcessEnv,
): Promise<InstalledTemporal | null> => {
  const onPath = (environment['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, 'temporal'))
    .find(isExecutable);
  if (onPath) {
    const version = await readTemporalVersion(onPath);
    if (!version?.recentEnough) {
      throw new Error(
        `${onPath} is Temporal ${version?.text ?? 'of an unknown version'}; Everwave needs ${temporalVersion.cli} or later. Update it, or take it off PATH and Everwave installs its own.`,
      );
    }
    return { binary: onPath, from: 'path' };
  }
  const cached = cachedTemporal(toolsFolder);
  return isExecutable(cached) && (await readTemporalVersion(cached)) ? { binary: cached, from: 'cache' } : null;
};

/** Finds the Temporal server, or installs it: the official release first, else built from source. Throws one sentence when neither works. */
export const installTemporal = async (options: InstallOptions): Promise<InstalledTemporal> => {
  const found = await findTemporal(options.toolsFolder, options.environment);
  if (found) return found;

  const folder = join(options.toolsFolder, 'temporal');
  mkdirSync(folder, { recursive: true });
  const workshop = mkdtempSync(join(folder, 'installing-'));
  try {
    return await install(options, workshop);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
};

const install = async (options: InstallOptions, workshop: string): Promise<InstalledTemporal> => {
  const { environment, onProgress, releasesUrl = officialReleases, signal } = options;
  const version = `Temporal ${temporalVersion.cli}`;
  const failures: string[] = [];

  const attempt = async (from: InstalledTemporal['from'], make: () => Promise<string>) => {
    try {
      const binary = keep(await make(), options.toolsFolder);
      if (!(await readTemporalVersion(binary))) throw new Error('The installed program does not run.');
      return { binary, from };
    } catch (error) {
      if (signal?.aborted) throw new Error(`Installing ${version} was interrupted.`, { cause: error });
      failures.push(error instanceof Error ? error.message : String(error));
      return null;
    }
  };

  onProgress(`Fetching ${version}`);
  const { platform, arch } = process;
  const release = await attempt('release', () =>
    installRelease({ releasesUrl, folder: workshop, platform, arch, signal }),
  );
  if (release) return release;

  onProgress(`${failures[0]} Building ${version} with Go instead (about three minutes, once)`);
  const onStillBuilding = (seconds: number) => onProgress(`Building ${version} … ${seconds} s`);
  const built = await attempt('go', () => installWithGo({ folder: workshop, environment, onStillBuilding, signal }));
  if (built) return built;

  throw new Error(
    `${version} could not be installed. ${failures.join(' ')} Install Go or the temporal program (https://docs.temporal.io/cli), or set TEMPORAL_ADDRESS to a server of your own.`,
  );
};

const keep = (binary: string, toolsFolder: string): string => {
  const kept = cachedTemporal(toolsFolder);
  mkdirSync(join(kept, '..'), { recursive: true });
  renameSync(binary, kept);
  return kept;
};

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
