import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { projectFolder, toolsFolder } from './lib/folders.ts';
import { freshEnvironment, usedCaches } from './verify-fresh/fresh-machine.ts';
import { npmStart, type StartedProduct } from './verify-fresh/npm-start.ts';

const run = promisify(execFile);
const startedSchema = z.object({ runId: z.string(), url: z.string() });
const runSchema = z.object({
  status: z.string(),
  steps: z.array(z.object({ path: z.string(), kind: z.string(), status: z.string() })),
});
const messagesSchema = z.object({ messages: z.array(z.record(z.string(), z.unknown())) });

/** A clean clone with empty caches: `npm start`, the printed `curl`, the run succeeded, both messages arrived. Then once more, warm. */
const main = async (): Promise<void> => {
  const machine = mkdtempSync(join(tmpdir(), 'everwave-fresh-'));
  // Like any folder of a project: Postgres runs as another user when root starts it, and must be able to enter.
  chmodSync(machine, 0o755);
  const clone = join(machine, 'everwave');
  const environment = await freshEnvironment(machine, process.env, toolsFolder());
  const show = (line: string) => console.log(`  | ${line}`);
  const timings: string[] = [];
  const started: StartedProduct[] = [];
  const start = async () => {
    const product = await npmStart(clone, environment, show);
    started.push(product);
    return product;
  };
  try {
    await run('git', ['clone', '--no-hardlinks', '--quiet', projectFolder, clone]);
    const { stdout: commit } = await run('git', ['-C', clone, 'log', '-1', '--format=%h %s']);
    console.log(`Clean clone of ${commit.trim()} in ${clone}`);

    const cold = await start();
    timings.push(
      `npm start, cold: ready after ${cold.seconds.toFixed(0)} s (caches filled: ${usedCaches(machine).join(', ')})`,
    );
    const seconds = await fireSample(cold.curl, clone, environment);
    timings.push(`curl to succeeded, both messages arrived: ${seconds.toFixed(1)} s`);
    await cold.stop();

    const warm = await start();
    timings.push(`npm start, warm: ready after ${warm.seconds.toFixed(0)} s`);
    await fireSample(warm.curl, clone, environment);
    await warm.stop();
  } finally {
    for (const product of started) await product.stop();
    rmSync(machine, { recursive: true, force: true });
  }
  for (const timing of timings) console.log(`✓ ${timing}`);
};

/** Runs the printed command, waits for the run, looks for its messages. Returns the seconds it took. */
const fireSample = async (curl: string, clone: string, environment: NodeJS.ProcessEnv): Promise<number> => {
  const began = performance.now();
  const { stdout: reply } = await run('sh', ['-c', `${curl} --silent --show-error`], { env: environment });
  const { runId, url } = startedSchema.parse(JSON.parse(reply));
  console.log(`curl answered ${reply.trim()}`);
  if (!url.endsWith(`/runs/${runId}`)) throw new Error(`The run's page ${url} does not name the run.`);

  const deadline = Date.now() + 120_000;
  for (;;) {
    const { stdout } = await run('npx', ['everwave', 'run', 'show', runId, '--json'], { cwd: clone, env: environment });
    const { status, steps } = runSchema.parse(JSON.parse(stdout));
    if (status === 'succeeded') {
      const sent = steps.filter((step) => ['email.send', 'slack.postMessage'].includes(step.kind));
      if (sent.length !== 2 || sent.some((step) => step.status !== 'succeeded')) {
        throw new Error(`The run succeeded without both messages: ${JSON.stringify(steps)}`);
      }
      break;
    }
    if (['failed', 'cancelled', 'needs_attention'].includes(status) || Date.now() > deadline) {
      throw new Error(`The run did not succeed, it is ${status}: ${JSON.stringify(steps)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const seconds = (performance.now() - began) / 1000;
  await expectMessages(clone);
  return seconds;
};

/** The stand-ins for mail server and Slack keep what reached them. */
const expectMessages = async (clone: string): Promise<void> => {
  for (const [what, address] of Object.entries(demoAddresses(clone))) {
    const response = await fetch(`${address}/messages`);
    const { messages } = messagesSchema.parse(await response.json());
    const orders = messages.filter((message) => JSON.stringify(message).includes('A-1042'));
    if (orders.length !== 1)
      throw new Error(`${what} received ${orders.length} messages about the order instead of one.`);
  }
};

/** From the log of the demo, where it says what it listens on. */
const demoAddresses = (clone: string): { mail: string; slack: string } => {
  const log = readFileSync(join(clone, '.everwave', 'logs', 'demo.log'), 'utf8');
  const ready = log.split('\n').findLast((line) => line.includes('demo is ready'));
  return z.object({ mail: z.string(), slack: z.string() }).parse(JSON.parse(ready ?? '{}'));
};

main().catch((error: Error) => {
  console.error(`✗ ${error.message}`);
  process.exitCode = 1;
});
