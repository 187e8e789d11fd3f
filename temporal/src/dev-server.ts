import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { Connection } from '@temporalio/client';
import { parse } from 'yaml';

export interface DevServerOptions {
  /** The `temporal` command line program. */
  readonly binary: string;
  readonly host: string;
  readonly port: number;
  /** null runs without the web UI. */
  readonly uiPort: number | null;
  /** SQLite file; null keeps everything in memory. */
  readonly databaseFile: string | null;
  readonly namespace: string;
  /** Our codec, which the UI asks to show payloads in plain text. */
  readonly uiCodecEndpoint?: string;
  /** One call per line of the server's log. */
  readonly onLog?: (line: string) => void;
  /** Milliseconds until an unready server is an error. */
  readonly startTimeout?: number;
}

export interface DevServer {
  /** host:port */
  readonly address: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** The flags of `temporal server start-dev` for these options and `dynamic-config.yaml`. */
export const devServerArguments = (options: DevServerOptions): string[] => [
  'server',
  'start-dev',
  `--ip=${options.host}`,
  `--port=${options.port}`,
  `--namespace=${options.namespace}`,
  '--log-level=warn',
  '--log-format=json',
  '--disable-config-file',
  '--disable-config-env',
  ...uiArguments(options),
  ...databaseArguments(options.databaseFile),
  ...dynamicConfigValues().map((value) => `--dynamic-config-value=${value}`),
];

const uiArguments = ({ host, uiPort, uiCodecEndpoint }: DevServerOptions): string[] => {
  if (uiPort === null) return ['--headless'];
  return [
    `--ui-ip=${host}`,
    `--ui-port=${uiPort}`,
    ...(uiCodecEndpoint ? [`--ui-codec-endpoint=${uiCodecEndpoint}`] : []),
  ];
};

const databaseArguments = (file: string | null): string[] =>
  file === null
    ? []
    : [`--db-filename=${file}`, '--sqlite-pragma=journal_mode=wal', '--sqlite-pragma=synchronous=normal'];

/** `dynamic-config.yaml` in the form of the flag: `history.rps=50000`. */
export const dynamicConfigValues = (): string[] => {
  const text = readFileSync(new URL('./dynamic-config.yaml', import.meta.url), 'utf8');
  const settings = parse(text) as Record<string, readonly { value: unknown }[]>;
  return Object.entries(settings).map(([key, [first]]) => `${key}=${JSON.stringify(first?.value)}`);
};

/** Starts the dev server and waits until its namespace answers. A server that ends or stays silent is an error with its last words. */
export const startDevServer = async (options: DevServerOptions): Promise<DevServer> => {
  const server = spawn(options.binary, devServerArguments(options), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C in a terminal reaches the supervisor alone, which stops things in order.
    detached: true,
  });
  const lastWords = collectOutput(server, options.onLog ?? (() => {}));
  const address = `${options.host}:${options.port}`;
  try {
    await untilReady(server, address, options, lastWords);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
  return {
    address,
    process: server,
    stop: () => stopDevServer(server),
  };
};

const collectOutput = (server: ChildProcess, onLog: (line: string) => void): (() => string) => {
  const recent: string[] = [];
  for (const stream of [server.stdout, server.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      onLog(line);
      recent.push(line);
      if (recent.length > 20) recent.shift();
    });
  }
  return () => recent.slice(-3).join(' / ') || 'none';
};

const untilReady = async (
  server: ChildProcess,
  address: string,
  { namespace, startTimeout = 60_000 }: DevServerOptions,
  lastWords: () => string,
): Promise<void> => {
  const end: { reason?: string } = {};
  server.once('error', (error) => (end.reason = error.message));
  server.once('exit', (code, signal) => (end.reason = signal ?? `exit code ${code}`));
  const deadline = Date.now() + startTimeout;
  for (;;) {
    if (end.reason)
      throw new Error(`The Temporal server ended while starting (${end.reason}). Its last words: ${lastWords()}`);
    if (await answers(address, namespace)) return;
    if (Date.now() > deadline) {
      throw new Error(
        `The Temporal server did not become ready within ${startTimeout / 1000} s. Its last words: ${lastWords()}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const answers = async (address: string, namespace: string): Promise<boolean> => {
  if (!(await listens(address))) return false;
  try {
    const connection = await Connection.connect({ address, connectTimeout: 2000 });
    try {
      await connection.workflowService.describeNamespace({ namespace });
      // Visibility is the last part to come up, and the first that a caller needs.
      await connection.workflowService.countWorkflowExecutions({ namespace });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
};

/** A cheap first question: a gRPC client that meets a closed port backs off for a second. */
const listens = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const at = address.lastIndexOf(':');
    const socket = connect(Number(address.slice(at + 1)), address.slice(0, at));
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });

const stopDevServer = (server: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve();
    const force = setTimeout(() => server.kill('SIGKILL'), 15_000);
    server.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    server.kill('SIGTERM');
  });
