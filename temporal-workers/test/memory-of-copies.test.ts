import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '@everwave/schema/flow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createHarness, eventually, type Harness } from './harness.ts';
import { retrying } from './plans.ts';
import { createProcesses, type Processes } from './processes.ts';

// The real worker, in a process of its own, whose memory is looked at from outside. Sizes are a tenth of what is possible.

const mebibyte = 1_048_576;
const piece = Buffer.alloc(65_536, 0x61);
const received = new Map<string, number>();
const site = createServer((request, response) => {
  const [, what = '', size] = (request.url ?? '').split('/');
  void (async () => {
    if (what === 'file') {
      for (let left = Number(size); left > 0; left -= piece.length) {
        if (!response.write(piece.subarray(0, Math.min(left, piece.length)))) await once(response, 'drain');
      }
      return response.end();
    }
    response.setHeader('content-type', 'application/json');
    if (what === 'value') return response.end(JSON.stringify({ text: 'x'.repeat(Number(size)) }));
    let bytes = 0;
    for await (const part of request) bytes += (part as Buffer).length;
    received.set(what, (received.get(what) ?? 0) + bytes);
    return response.end('{"taken":true}');
  })();
});

let harness: Harness;
let processes: Processes;
let address: string;
let pid: number;
beforeAll(async () => {
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const host = `127.0.0.1:${(site.address() as AddressInfo).port}`;
  address = `http://${host}`;
  harness = await createHarness({ activities: {}, withoutWorker: true });
  const variables = { ...harness.variables, EVERWAVE_EGRESS_ALLOW: host };
  processes = createProcesses({ ...harness, variables });
  pid = processes.start('worker').pid ?? 0;
}, 120_000);
afterAll(async () => {
  processes.close();
  await harness.close();
  site.close();
});

const action = (input: Json) =>
  anAction({
    activity: 'http.request@1',
    input,
    options: { ...retrying(2), startToCloseTimeout: '1m', scheduleToCloseTimeout: '5m' },
  });
/** MiB that the process had at most since this was last forgotten. */
const peak = (): number => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
const forgetPeak = (): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** Has so many copies of one thing sent, two at once; gives the worker's peak meanwhile. */
const send = async (name: string, fetch: Json, copy: Json, copies: number): Promise<number> => {
  forgetPeak();
  const run = await harness.start(
    aPlan({
      steps: {
        fetch: action(fetch),
        each: {
          type: 'forEach',
          items: Array.from({ length: copies }, (_, index) => index),
          concurrency: 2,
          onItemFailure: 'park',
          result: '{{ steps.send.output.status }}',
        },
        send: action({ method: 'PUT', url: `${address}/${name}`, ...(copy as object) }),
      },
      edges: ['start -> fetch', 'fetch -> each'],
      frames: { each: ['send'] },
    }),
  );
  await eventually(
    () => run.projection(),
    ({ run: row }) => row.status === 'succeeded',
    150_000,
  );
  return peak();
};

describe.runIf(process.platform === 'linux')('a worker’s memory does not grow with the copies that it handles', () => {
  it('of a file, which goes through it in pieces', async () => {
    const bytes = 24 * mebibyte;
    const fetch = { url: `${address}/file/${bytes}`, responseType: 'file' };
    const copy = { bodyType: 'multipart', body: { file: '{{ steps.fetch.output.file }}' } };
    const warm = await send('file-warm', fetch, copy, 2);
    const many = await send('file-many', fetch, copy, 16);
    expect(received.get('file-many')).toBeGreaterThan(16 * bytes);
    // Sixteen copies are 384 MiB.
    expect(many - warm).toBeLessThan(96);
  }, 200_000);

  it('of a value, which it has in memory as often as steps read it at once', async () => {
    const bytes = 6 * mebibyte;
    const fetch = { url: `${address}/value/${bytes}` };
    const copy = { body: '{{ steps.fetch.output.body }}' };
    const warm = await send('value-warm', fetch, copy, 2);
    const many = await send('value-many', fetch, copy, 16);
    expect(received.get('value-many')).toBeGreaterThan(16 * bytes);
    // Each copy is read, evaluated and written: three times its size, 288 MiB for all of them.
    expect(many - warm).toBeLessThan(96);
  }, 200_000);
});
