import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  connectionSchema,
  flowSchema,
  flowVersionSummarySchema,
  repairReplySchema,
  type Run,
  runSchema,
  startedRunSchema,
} from '@everwave/schema/api';
import type * as z from 'zod';
import { addressesOf } from '../scripts/supervisor/addresses.ts';
import { parseSettings, portNames } from '../scripts/supervisor/env.ts';
import { type Product, startProduct } from '../scripts/supervisor/product.ts';
import { createPaint } from '../scripts/supervisor/render-log.ts';
import { createScreen } from '../scripts/supervisor/screen.ts';
import { orderFlow } from './order-flow.ts';
import { type OutsideWorld, startOutsideWorld } from './outside-world.ts';

/** The whole product as `npm start` runs it, on free ports, with a flow whose effects can be counted. */
export interface ChaosProduct {
  readonly world: OutsideWorld;
  /** Ends a process at once; the supervisor starts it again. False when it was down already. */
  kill(name: 'worker' | 'api' | 'temporal'): boolean;
  /** Keeps a process stopped by ending it whenever it comes back, until `release` is called. */
  hold(name: 'temporal' | 'worker'): { release(): void };
  /** Delivers a webhook; the sender repeats it until it gets a 2xx, under the same delivery id. */
  deliver(orderId: string): Promise<{ readonly runId: string }>;
  readRun(runId: string): Promise<Run>;
  /** Waits until the run satisfies the condition; throws with the run's steps when it never does. */
  waitFor(runId: string, what: string, condition: (run: Run) => boolean): Promise<Run>;
  repair(runId: string, body: object): Promise<void>;
  stop(): Promise<void>;
}

const patience = 120_000;
const freePorts = Object.fromEntries(portNames.map((name) => [name, '0']));

export const startChaosProduct = async (delay: `${number}s`): Promise<ChaosProduct> => {
  const world = await startOutsideWorld();
  const dataFolder = mkdtempSync(join(tmpdir(), 'everwave-chaos-'));
  const settings = parseSettings({
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    ...freePorts,
    EVERWAVE_DATA: dataFolder,
    EVERWAVE_EGRESS_ALLOW: world.egressAllow,
  });
  const lines: string[] = [];
  const screen = createScreen({
    write: (text) => {
      if (!text.includes('request answered')) lines.push(text);
    },
    paint: createPaint(false, {}),
    logFolder: join(dataFolder, 'logs'),
  });
  const product: Product = await startProduct(settings, screen, AbortSignal.timeout(600_000)).catch(
    (error: unknown) => {
      throw new Error(`The product did not start:\n${lines.slice(-40).join('')}`, { cause: error });
    },
  );
  const apiUrl = addressesOf(product.settings).api;
  const apiKey = product.prepared.apiKey ?? '';

  const call = async <Reply extends z.ZodType>(method: string, path: string, body: unknown, reply: Reply) => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { 'x-api-key': apiKey, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return reply.parse(await response.json()) as z.output<Reply>;
  };

  const connect = async (name: keyof OutsideWorld['connections']) =>
    (await call('POST', '/v1/connections', world.connections[name], connectionSchema)).id;
  const connections = { mail: await connect('mail'), slack: await connect('slack'), http: await connect('http') };
  const draft = await call('POST', '/v1/flows', { name: 'Orders', graph: orderFlow(connections, delay) }, flowSchema);
  await call('POST', `/v1/flows/${draft.id}/publish`, {}, flowVersionSummarySchema);
  const flow = await call('GET', `/v1/flows/${draft.id}`, undefined, flowSchema);
  const hook = flow.triggers[0]?.url;
  if (!hook) throw new Error('The published flow has no webhook.');

  const kill: ChaosProduct['kill'] = (name) => {
    const pid = product.pid(name);
    if (pid !== null) process.kill(pid, 'SIGKILL');
    return pid !== null;
  };
  const readRun = (runId: string) => call('GET', `/v1/runs/${runId}`, undefined, runSchema);

  return {
    world,
    kill,
    hold: (name) => {
      const timer = setInterval(() => {
        const pid = product.pid(name);
        if (pid !== null) process.kill(pid, 'SIGKILL');
      }, 50);
      return { release: () => clearInterval(timer) };
    },
    deliver: async (orderId) => {
      const end = Date.now() + patience;
      for (;;) {
        const response = await fetch(hook, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'webhook-id': `delivery-${orderId}` },
          body: JSON.stringify({ orderId, customerId: 'c_7' }),
        }).catch(() => null);
        if (response?.ok) return startedRunSchema.parse(await response.json());
        if (Date.now() > end) throw new Error(`The webhook never answered with a 2xx: ${response?.status}`);
        await sleep(200);
      }
    },
    readRun,
    waitFor: async (runId, what, condition) => {
      const end = Date.now() + patience;
      for (;;) {
        const run = await readRun(runId).catch(() => null);
        if (run && condition(run)) return run;
        if (Date.now() > end) {
          const steps = run?.steps.map(({ path, status, failure }) => `${path} ${status} ${failure?.message ?? ''}`);
          throw new Error(
            `The run never ${what}. It is ${run?.status}:\n${steps?.join('\n')}\n${lines.slice(-30).join('')}`,
          );
        }
        await sleep(100);
      }
    },
    repair: async (runId, body) => {
      await call('POST', `/v1/runs/${runId}/repair`, body, repairReplySchema);
    },
    stop: async () => {
      await product.stop();
      await world.close();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
};
