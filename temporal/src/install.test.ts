import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveName } from './install-release.ts';
import { parseVersion, temporalVersion } from './install-version.ts';
import { cachedTemporal, installTemporal } from './install.ts';

const goodVersion = `temporal version ${temporalVersion.cli} (Server ${temporalVersion.server}, UI 2.42.1)`;

let folder: string;
let messages: string[];
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-install-'));
  messages = [];
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describe('temporal on PATH', () => {
  it('is used when it is recent enough', async () => {
    program('temporal', `echo "${goodVersion}"`);
    expect(await install()).toEqual({ binary: join(folder, 'bin', 'temporal'), from: 'path' });
  });

  it('is refused when it is older', async () => {
    program('temporal', 'echo "temporal version 1.4.0 (Server 1.28.0, UI 2.39.0)"');
    await expect(install()).rejects.toThrow(
      `is Temporal 1.4.0 (server 1.28.0); Everwave needs ${temporalVersion.cli} or later. Update it`,
    );
  });

  it('is refused when it does not say what it is', async () => {
    program('temporal', 'echo hello');
    await expect(install()).rejects.toThrow('of an unknown version');
  });
});

describe('the official release', () => {
  it('is installed when its checksum is the published one, and kept', async () => {
    const releasesUrl = await serveRelease({});
    expect(await install({ releasesUrl })).toEqual({ binary: cachedTemporal(tools()), from: 'release' });
    server?.close();
    expect(await install({ releasesUrl })).toEqual({ binary: cachedTemporal(tools()), from: 'cache' });
    expect(readdirSync(join(tools(), 'temporal'))).toEqual([temporalVersion.cli]);
  });

  it('is refused when its checksum is another one', async () => {
    const releasesUrl = await serveRelease({ checksum: 'a'.repeat(64) });
    await expect(install({ releasesUrl })).rejects.toThrow(/is not the published one: its checksum is [0-9a-f]{64}/);
    expect(existsSync(cachedTemporal(tools()))).toBe(false);
  });

  it('is refused when no checksum is published for it', async () => {
    const releasesUrl = await serveRelease({ checksums: 'nothing here' });
    await expect(install({ releasesUrl })).rejects.toThrow('publishes no checksum for temporal_cli_');
  });

  it('is refused when the archive is cut short, even if the checksum was made of the short one', async () => {
    const releasesUrl = await serveRelease({ cutTo: 60 });
    await expect(install({ releasesUrl })).rejects.toThrow('could not be unpacked');
    expect(existsSync(cachedTemporal(tools()))).toBe(false);
  });

  it('is refused when the connection breaks in the middle', async () => {
    const releasesUrl = await serveRelease({ breakOff: true });
    await expect(install({ releasesUrl })).rejects.toThrow('broke off');
  });
});

describe('building with Go', () => {
  it('follows when the release cannot be reached, with the module of the same version', async () => {
    program(
      'go',
      `echo "$@" > ${folder}/go-call; printf '#!/bin/sh\\necho "${goodVersion}"\\n' > $GOBIN/temporal; chmod +x $GOBIN/temporal`,
    );
    expect(await install()).toEqual({ binary: cachedTemporal(tools()), from: 'go' });
    expect(readFileSync(join(folder, 'go-call'), 'utf8')).toBe(
      `install github.com/temporalio/cli/cmd/temporal@v${temporalVersion.cli}\n`,
    );
    expect(messages).toEqual([
      'Fetching Temporal 1.5.1',
      '127.0.0.1:1 cannot be reached. Building Temporal 1.5.1 with Go instead (about three minutes, once)',
    ]);
  });

  it('ends in one sentence when there is no Go either', async () => {
    await expect(install()).rejects.toThrow(
      'Temporal 1.5.1 could not be installed. 127.0.0.1:1 cannot be reached. Go is not on PATH. Install Go or the temporal program (https://docs.temporal.io/cli), or set TEMPORAL_ADDRESS to a server of your own.',
    );
  });

  it("ends in Go's own last words when the build fails", async () => {
    program('go', 'echo "go: no space left on device" >&2; exit 1');
    await expect(install()).rejects.toThrow('failed: go: no space left on device');
  });

  it('stops when it is interrupted', async () => {
    program('go', 'exec sleep 60');
    await expect(install({ signal: AbortSignal.timeout(300) })).rejects.toThrow('was interrupted');
  });
});

describe('versions', () => {
  it.each([
    ['temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)', true],
    ['temporal version 1.6.0 (Server 1.30.0, UI 2.43.0)', true],
    ['temporal version 2.0.0', true],
    ['temporal version 1.5.0 (Server 1.29.0, UI 2.41.0)', false],
    ['temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)', true],
    ['temporal version 0.0.0-DEV (Server 1.28.3, UI 2.42.1)', false],
    ['temporal version 0.0.0-DEV', false],
  ])('%s', (said, recentEnough) => {
    expect(parseVersion(said)?.recentEnough).toBe(recentEnough);
  });

  it.each([
    ['linux', 'x64', 'temporal_cli_1.5.1_linux_amd64.tar.gz'],
    ['linux', 'arm64', 'temporal_cli_1.5.1_linux_arm64.tar.gz'],
    ['darwin', 'x64', 'temporal_cli_1.5.1_darwin_amd64.tar.gz'],
    ['darwin', 'arm64', 'temporal_cli_1.5.1_darwin_arm64.tar.gz'],
  ])('the release for %s %s is %s', (platform, arch, name) => {
    expect(archiveName(platform, arch)).toBe(name);
  });
});

const tools = () => join(folder, 'tools');

const install = (options: { releasesUrl?: string; signal?: AbortSignal } = {}) =>
  installTemporal({
    toolsFolder: tools(),
    // Only what a build script needs, so that the machine's own temporal and go are out of reach.
    environment: { PATH: join(folder, 'bin') },
    onProgress: (message) => messages.push(message),
    releasesUrl: 'http://127.0.0.1:1',
    ...options,
  });

const program = (name: string, body: string, into = join(folder, 'bin')) => {
  const file = join(into, name);
  writeFileSync(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${body}\n`);
  chmodSync(file, 0o755);
};

interface Release {
  checksum?: string;
  checksums?: string;
  cutTo?: number;
  breakOff?: boolean;
}

const serveRelease = async ({ checksum, checksums, cutTo, breakOff }: Release): Promise<string> => {
  const source = join(folder, 'source');
  mkdirSync(source);
  program('temporal', `echo "${goodVersion}"`, source);
  execFileSync('tar', ['-czf', join(folder, 'release.tar.gz'), '-C', source, 'temporal']);
  const archive = readFileSync(join(folder, 'release.tar.gz')).subarray(0, cutTo);
  const name = archiveName(process.platform, process.arch);
  const sum = checksum ?? createHash('sha256').update(archive).digest('hex');
  server = createServer((request, response) => {
    if (request.url === '/v1.5.1/checksums.txt') return response.end(checksums ?? `${sum}  ${name}\n`);
    if (request.url !== `/v1.5.1/${name}`) return response.writeHead(404).end();
    if (!breakOff) return response.end(archive);
    response.writeHead(200, { 'content-length': archive.length });
    response.write(archive.subarray(0, 20), () => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
