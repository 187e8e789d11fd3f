import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { RepairJob } from '@everwave/schema/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './cli.ts';

// What the api answers is its own examples: a test there holds each against its shape.
const examples = JSON.parse(
  readFileSync(new URL('../../api/src/openapi/examples.json', import.meta.url), 'utf8'),
) as Record<string, { response: unknown }>;
const answerOf = (operation: string) => examples[operation]?.response;

const group = (answerOf('listDeadLetterGroups') as { items: [{ fingerprint: string }] }).items[0];
const path = `/v1/dead-letter-groups/${group.fingerprint}`;
const started = answerOf('repairDeadLetterGroup') as RepairJob;
const ended = (change: Partial<RepairJob>): RepairJob => ({
  ...started,
  status: 'done',
  counts: { ...started.counts, waiting: 0, repaired: started.counts.total },
  settledAt: '2026-11-21T10:06:00.000Z',
  ...change,
});

let server: Server;
let apiUrl: string;
let seen: { readonly call: string; readonly body: Record<string, unknown> | null }[];
/** Answers by call, each used up but the last. */
let replies: Record<string, unknown[]>;

beforeEach(async () => {
  seen = [];
  replies = {
    [`POST ${path}/repairs/preview`]: [answerOf('previewGroupRepair')],
    [`POST ${path}/repairs`]: [started],
    [`GET /v1/repair-jobs/${started.id}`]: [ended({})],
    [`POST ${path}/dismiss`]: [answerOf('dismissDeadLetterGroup')],
  };
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const call = `${request.method} ${request.url}`;
      seen.push({ call, body: text ? (JSON.parse(text) as Record<string, unknown>) : null });
      const queue = replies[call] ?? [];
      const reply = queue.length > 1 ? queue.shift() : queue[0];
      const fallback = request.url?.startsWith(path)
        ? answerOf('readDeadLetterGroup')
        : answerOf('listDeadLetterGroups');
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply ?? fallback));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const everwave = async (...words: string[]) => {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(['dead-letters', ...words], {
    environment: { EVERWAVE_API_URL: apiUrl, EVERWAVE_API_KEY: 'ew_key' },
    folder: tmpdir(),
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
    runScript: () => Promise.resolve(0),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
};
const begun = () => seen.find(({ call }) => call === `POST ${path}/repairs`)?.body;

describe('everwave dead-letters', () => {
  it('lists groups with how many wait in each', async () => {
    const { code, out } = await everwave('list', '--state', 'open');
    expect(code).toBe(0);
    expect(out).toContain(group.fingerprint.slice(0, 12));
    expect(out).toMatch(/LETTERS/);
    expect(seen[0]?.call).toBe('GET /v1/dead-letter-groups?state=open');
    expect(JSON.parse((await everwave('list', '--json')).out)).toEqual([group]);
  });

  it('shows a group that is named by its first characters', async () => {
    const { code, out } = await everwave('show', group.fingerprint.slice(0, 12));
    expect(code).toBe(0);
    expect(out).toContain('50 open, 0 dismissed, 3 decided');
  });

  it('says in numbers what a repair would do, and does nothing without --yes', async () => {
    const { code, out } = await everwave('repair', group.fingerprint);
    expect(code).toBe(0);
    expect(out).toContain('Runs 50 steps again in 50 runs');
    expect(out).toContain('--yes');
    expect(begun()).toBeUndefined();
  });

  it('repairs canary first with an edit, and follows it to its end', async () => {
    const { code, out } = await everwave('repair', group.fingerprint, '--canary', '--edit', '{"to":"x"}', '--yes');
    expect(code).toBe(0);
    expect(begun()).toMatchObject({ action: 'retry', canary: true, edit: { to: 'x' }, requestId: expect.any(String) });
    expect(out).toContain('done: 50 of 50 repaired');
  });

  it('ends with 1 and says why when the first run failed again', async () => {
    const reason = 'The first run failed again: http_error: 403. The others are untouched.';
    const counts = { ...started.counts, waiting: 0, failedAgain: 1, untouched: 49 };
    replies[`GET /v1/repair-jobs/${started.id}`] = [ended({ status: 'stopped', reason, counts })];
    const { code, out, err } = await everwave('repair', group.fingerprint, '--yes');
    expect(code).toBe(1);
    expect(out).toContain('1 failed again, 49 untouched');
    expect(out).toContain(reason);
    expect(err).toContain('everwave dead-letters show');
  });

  it('prints the job alone with --json', async () => {
    const { out } = await everwave('repair', group.fingerprint, '--action', 'skip', '--no-canary', '--yes', '--json');
    expect(JSON.parse(out)).toEqual(ended({}));
    expect(begun()).toMatchObject({ action: 'skip', canary: false });
  });

  it('dismisses with a reason, and fails the runs only when told to', async () => {
    await everwave('dismiss', group.fingerprint, '--reason', 'Test orders', '--yes');
    const { out } = await everwave('dismiss', group.fingerprint, '--reason', 'Test orders', '--fail-runs', '--yes');
    expect(out).toContain('Their runs end as failed, for good.\nDismissed 50.');
    const bodies = seen.filter(({ call }) => call.endsWith('/dismiss')).map(({ body }) => body);
    expect(bodies).toEqual([
      { reason: 'Test orders', run: 'wait' },
      { reason: 'Test orders', run: 'fail' },
    ]);
  });

  it.each([
    [['repair', 'abcd', '--action', 'explode'], 'Unknown action explode'],
    [['repair', 'abcd', '--action', 'complete'], 'needs an --output'],
    [['repair', 'abcd', '--action', 'skip', '--edit', '{}'], '--edit goes with --action retry'],
    [['repair', 'abcd', '--canary', '--no-canary'], 'Either --canary or --no-canary'],
    [['repair', 'abcd', '--edit', '{to}'], '--edit is not JSON'],
    [['repair', 'xyz'], 'A group is named by its fingerprint'],
    [['dismiss', 'abcd'], '--reason <text>'],
  ])('refuses %j before it calls anything', async (words, message) => {
    const { code, err } = await everwave(...words);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(seen).toEqual([]);
  });
});
