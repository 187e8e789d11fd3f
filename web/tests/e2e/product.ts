import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from './stack.ts';

/** The whole product, started as a person starts it: every process real, on free ports, in a data folder of its own. */
export interface ProductStack extends Stack {
  /** The one-time link that makes the first owner. */
  readonly setupUrl: string;
  /** Address of the sample flow's webhook. */
  readonly webhookUrl: string;
  /** The stand-in for Slack, which can be told to fail. */
  readonly slackUrl: string;
  /** The catcher, which has every mail that was sent. */
  readonly mailUrl: string;
}

const repository = join(import.meta.dirname, '..', '..', '..');
const patience = 240_000;

const freePorts = Object.fromEntries(
  [
    'WEB',
    'API',
    'WORKER',
    'DEMO_MAIL',
    'DEMO_SMTP',
    'DEMO_SLACK',
    'DEMO_HTTP',
    'DEMO_OPENAI',
    'DEMO_ANTHROPIC',
    'POSTGRES',
    'TEMPORAL',
    'TEMPORAL_UI',
  ].map((name) => [`EVERWAVE_${name}_PORT`, '0']),
);

const firstMatch = (pattern: RegExp, text: string): string => {
  const found = pattern.exec(text)?.[1];
  if (!found) throw new Error(`The start printed nothing like ${pattern}:\n${text.slice(-4_000)}`);
  return found;
};

const untilReady = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let printed = '';
    const timer = setTimeout(() => reject(new Error(`Not ready in time:\n${printed.slice(-4_000)}`)), patience);
    const read = (piece: Buffer): void => {
      printed += piece.toString();
      if (!/^Ready\n.*curl .*\n/ms.test(printed)) return;
      clearTimeout(timer);
      resolve(printed);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The start ended with ${code}:\n${printed.slice(-4_000)}`));
    });
  });

export const startProductStack = async (): Promise<ProductStack> => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'everwave-e2e-'));
  const child = spawn(process.execPath, [join(repository, 'scripts', 'start.ts')], {
    cwd: repository,
    env: { ...process.env, ...freePorts, EVERWAVE_DATA: dataFolder, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const close = async (): Promise<void> => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    const printed = await untilReady(child);
    return {
      url: firstMatch(/^\s+Everwave\s+(http:\S+)/m, printed),
      setupUrl: firstMatch(/(http:\S+\/setup\?token=\S+)/, printed),
      webhookUrl: firstMatch(/^curl -X POST '([^']+)'/m, printed),
      slackUrl: firstMatch(/slack=(http:\S+)/, printed),
      mailUrl: firstMatch(/^\s+E-mail catcher\s+(http:\S+)/m, printed),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};
