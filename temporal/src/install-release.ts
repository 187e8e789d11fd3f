import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { temporalVersion } from './install-version.ts';

export const officialReleases = 'https://github.com/temporalio/cli/releases/download';

export interface ReleaseOptions {
  /** `<base>/v1.5.1/temporal_cli_1.5.1_linux_amd64.tar.gz` and `<base>/v1.5.1/checksums.txt` are fetched. */
  readonly releasesUrl: string;
  /** An existing empty folder; `temporal` is put there. */
  readonly folder: string;
  readonly platform: string;
  readonly arch: string;
  readonly signal?: AbortSignal | undefined;
}

/** A machine without the open internet should learn so in seconds, since another way follows. */
const answerTimeout = 5000;
const downloadTimeout = 10 * 60_000;

/** The name of the official archive for a platform. */
export const archiveName = (platform: string, arch: string): string => {
  const cpu = { x64: 'amd64', arm64: 'arm64' }[arch];
  if (!cpu || !['linux', 'darwin'].includes(platform)) {
    throw new Error(`Temporal publishes no release for ${platform}-${arch}.`);
  }
  return `temporal_cli_${temporalVersion.cli}_${platform}_${cpu}.tar.gz`;
};

/** Downloads the official release, compares its checksum, unpacks it. Throws one sentence when any of that is not as it should be. */
export const installRelease = async (options: ReleaseOptions): Promise<string> => {
  const name = archiveName(options.platform, options.arch);
  const base = `${options.releasesUrl}/v${temporalVersion.cli}`;
  const expected = await publishedChecksum(`${base}/checksums.txt`, name, options.signal);
  const archive = join(options.folder, name);
  await download(`${base}/${name}`, archive, options.signal);
  const actual = await checksumOf(archive);
  if (actual !== expected) {
    throw new Error(
      `The download ${name} is not the published one: its checksum is ${actual}, published is ${expected}.`,
    );
  }
  try {
    await promisify(execFile)('tar', ['-xzf', archive, '-C', options.folder, 'temporal']);
  } catch (error) {
    throw new Error(`The download ${name} could not be unpacked.`, { cause: error });
  }
  return join(options.folder, 'temporal');
};

const publishedChecksum = async (url: string, name: string, signal?: AbortSignal): Promise<string> => {
  const response = await request(url, answerTimeout, signal);
  const lines = (await response.text()).split('\n').map((line) => line.trim().split(/\s+\*?/));
  const checksum = lines.find(([, file]) => file === name)?.[0];
  if (!checksum || !/^[0-9a-f]{64}$/.test(checksum)) throw new Error(`${url} publishes no checksum for ${name}.`);
  return checksum;
};

const download = async (url: string, file: string, signal?: AbortSignal): Promise<void> => {
  const response = await request(url, downloadTimeout, signal);
  if (!response.body) throw new Error(`${url} answered without a body.`);
  try {
    await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
  } catch (error) {
    throw new Error(`The download from ${url} broke off.`, { cause: error });
  }
};

const request = async (url: string, timeout: number, signal?: AbortSignal): Promise<Response> => {
  const signals = [AbortSignal.timeout(timeout), ...(signal ? [signal] : [])];
  const response = await fetch(url, { signal: AbortSignal.any(signals) }).catch((error: unknown) => {
    throw new Error(`${new URL(url).host} cannot be reached.`, { cause: error });
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  return response;
};

const checksumOf = async (file: string): Promise<string> => {
  const digest = createHash('sha256');
  await pipeline(createReadStream(file), digest);
  return digest.digest('hex');
};
