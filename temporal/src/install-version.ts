import { execFile } from 'node:child_process';

/** The command line program we install, and the server inside it. */
export const temporalVersion = { cli: '1.5.1', server: '1.29.1' } as const;

export interface FoundVersion {
  /** What the program calls itself. */
  readonly text: string;
  readonly recentEnough: boolean;
}

/** Asks a `temporal` program for its version; null when it does not run or is another program. */
export const readTemporalVersion = (binary: string): Promise<FoundVersion | null> =>
  new Promise((resolve) => {
    execFile(binary, ['--version'], { timeout: 20_000 }, (error, stdout) =>
      resolve(error ? null : parseVersion(stdout)),
    );
  });

/** Reads `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`. A program built by `go install` calls itself 0.0.0-DEV and is known by its server. */
export const parseVersion = (said: string): FoundVersion | null => {
  const match = /temporal version (\S+)(?: \(Server (\S+?)[,)])?/.exec(said);
  const [, cli, server] = match ?? [];
  if (!cli) return null;
  const recentEnough = cli.startsWith('0.0.0')
    ? server !== undefined && !isOlder(server, temporalVersion.server)
    : !isOlder(cli, temporalVersion.cli);
  return { text: server ? `${cli} (server ${server})` : cli, recentEnough };
};

const isOlder = (version: string, than: string): boolean => {
  const parts = (text: string) => text.split(/[.-]/, 3).map((part) => Number.parseInt(part, 10) || 0);
  const [left, right] = [parts(version), parts(than)];
  for (const [index, wanted] of right.entries()) {
    const difference = (left[index] ?? 0) - wanted;
    if (difference !== 0) return difference < 0;
  }
  return false;
};
