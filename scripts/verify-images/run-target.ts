import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BuiltStage } from './build-stages.ts';

export interface RunOptions {
  readonly name: string;
  readonly stage: BuiltStage;
  /** What the service's container would be given. */
  readonly environment: Readonly<Record<string, string>>;
  /** Addresses inside the container, and where they are here. */
  readonly addresses?: Readonly<Record<string, string>>;
}

export interface RunningTarget {
  readonly name: string;
  /** Everything it has written. */
  readonly said: () => string;
  /** Resolves when its own health check has succeeded; throws with its words when it never does. */
  untilHealthy(): Promise<void>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>;
  kill(): void;
}

/** As root, the process gets the user id of the image, to which nothing of the tree belongs. */
const account = (user: string): { uid: number; gid: number } | object => {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = user.split(':').map(Number);
  return { uid, gid };
};

const optionsOf = ({ stage, environment }: RunOptions) => ({
  cwd: join(stage.root, stage.folder),
  // No HOME and nothing of this shell: what the image and the service say is all there is.
  env: { PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter), ...stage.environment, ...environment },
  ...account(stage.user),
});

const wordsOf = ({ entrypoint, command }: BuiltStage): [string, ...string[]] => {
  const [program, ...rest] = [...entrypoint, ...command];
  if (!program) throw new Error('The image has neither an entrypoint nor a command.');
  return [program, ...rest];
};

/** Runs a target that ends by itself, and returns its standard output. */
export const runToEnd = (options: RunOptions): string => {
  const [program, ...args] = wordsOf(options.stage);
  const { status, stdout, stderr } = spawnSync(program, args, {
    ...optionsOf(options),
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`${options.name} ended with ${status}:\n${stderr}${stdout}`);
  return stdout;
};

export const startTarget = (options: RunOptions): RunningTarget => {
  const { name, stage, addresses = {} } = options;
  const [program, ...args] = wordsOf(stage);
  const child = spawn(program, args, { ...optionsOf(options), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    name,
    said: () => said,
    untilHealthy: () => untilHealthy(options, child, addresses, () => said),
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
    kill: () => void child.kill('SIGKILL'),
  };
};

const patience = 120_000;

const untilHealthy = async (
  options: RunOptions,
  child: ChildProcess,
  addresses: Readonly<Record<string, string>>,
  said: () => string,
): Promise<void> => {
  const check = options.stage.healthcheck;
  if (!check) throw new Error(`${options.name} has no health check.`);
  const [program = '', ...args] = check.map((word) =>
    Object.entries(addresses).reduce((text, [inside, here]) => text.replace(inside, here), word),
  );
  const end = Date.now() + patience;
  for (;;) {
    const { status, stderr } = spawnSync(program, args, { ...optionsOf(options), encoding: 'utf8', timeout: 10_000 });
    if (status === 0) return;
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > end) {
      throw new Error(`${options.name} is not healthy: ${stderr.trim()}\n${said().slice(-4000)}`);
    }
    await sleep(300);
  }
};
