import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectFolder } from './folders.ts';
import { withWorkerHeap, workerNodeOptions } from './worker-heap.ts';

it("bounds a worker's heap, and that of its workflow thread", () => {
  const script = `const limit = () => require('node:v8').getHeapStatistics().heap_size_limit / 1048576;
    const { Worker } = require('node:worker_threads');
    const thread = new Worker("require('node:worker_threads').parentPort.postMessage(require('node:v8').getHeapStatistics().heap_size_limit / 1048576)", { eval: true });
    thread.once('message', (inThread) => console.log(JSON.stringify([limit(), inThread])));`;
  const environment = withWorkerHeap({ PATH: process.env['PATH'] });
  const limits = JSON.parse(execFileSync(process.execPath, ['-e', script], { env: environment, encoding: 'utf8' }));
  for (const limit of limits as number[]) {
    expect(limit).toBeGreaterThan(900);
    // The young generation comes on top.
    expect(limit).toBeLessThan(1_400);
  }
});

it('leaves what a person has set', () => {
  const set = { NODE_OPTIONS: '--max-old-space-size=4096' };
  expect(withWorkerHeap(set)).toEqual(set);
});

it('is the same in a container', () => {
  const compose = parse(readFileSync(join(projectFolder, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
    services: { worker: { environment: Record<string, string> } };
  };
  expect(compose.services.worker.environment['NODE_OPTIONS']).toBe(workerNodeOptions);
});
