import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem, Run } from '@everwave/schema/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './cli.ts';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly body: unknown;
}

const runId = `run_${'1'.repeat(32)}`;
const flowId = `flow_${'2'.repeat(32)}`;
const at = '2026-03-01T12:00:00.000Z';

const run: Omit<Run, 'id' | 'flowId' | 'rootRunId'> & { id: string; flowId: string; rootRunId: string } = {
  id: runId,
  flowId,
  rootRunId: runId,
  flowName: 'Order received',
  flowVersion: 3,
  status: 'succeeded',
  triggerKind: 'trigger.webhook',
  startedBy: null,
  failure: null,
  createdAt: at,
  startedAt: at,
  finishedAt: '2026-03-01T12:00:01.500Z',
  updatedAt: at,
  url: `http://127.0.0.1/runs/${runId}`,
  engineVersion: 1,
  planVersion: 1,
  may: [],
  planHash: 'a'.repeat(64),
  graph: {
    graphVersion: 1,
    nodes: [],
    edges: [],
    settings: {
      onFailure: 'park',
      parkLimit: '30d',
      runTimeout: '30d',
      lane: 'durable',
      compensateOnCancel: true,
    },
  },
  trigger: { id: null, nodeId: 'order', kind: 'trigger.webhook', deliveryId: null, data: null },
  hiddenSteps: 0,
  steps: [
    {
      path: 'send',
      stepId: 'send',
      title: 'Tell the customer',
      kind: 'email.send',
      status: 'succeeded',
      ordinal: 2,
      attempts: 1,
      failure: null,
      startedAt: at,
      finishedAt: '2026-03-01T12:00:00.340Z',
      dueAt: null,
      meters: [],
      costUsd: null,
    },
  ],
  meters: [],
  costUsd: null,
  attempts: [],
  logs: [],
  requestId: null,
  forkOfRunId: null,
  forkAt: null,
  supersededByRunId: null,
  forks: [],
  resetAt: null,
  rerunOfRunId: null,
  replacedByRunId: null,
  placeWait: null,
  parent: null,
  children: [],
  workflowId: 't/org/r/run',
  temporalRunId: null,
  temporalUrl: null,
  dispatch: { attempts: 1, nextAttemptAt: null },
};

const problem: Problem = {
  type: '/problems/flow_invalid',
  title: 'The flow has errors',
  status: 422,
  detail: 'The flow has 1 error.',
  code: 'flow_invalid',
  errors: [{ path: 'nodes[2].input.url', message: 'A URL is missing.' }],
  requestId: 'req_1',
};

let server: Server;
let seen: Seen[];
let replies: Record<string, { status: number; body: unknown }>;
let apiUrl: string;

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : null;
};

beforeEach(async () => {
  seen = [];
  replies = {};
  server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const path = request.url ?? '';
      seen.push({
        method: request.method ?? '',
        path,
        key: request.headers['x-api-key'] as string | undefined,
        idempotencyKey: request.headers['idempotency-key'] as string | undefined,
        body,
      });
      const reply = replies[`${request.method} ${path}`] ?? {
        status: 404,
        body: { ...problem, status: 404, code: 'not_found' },
      };
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

const everwave = async (
  words: string[],
  environment: NodeJS.ProcessEnv = { EVERWAVE_API_URL: apiUrl, EVERWAVE_API_KEY: 'ew_key' },
) => {
  const out: string[] = [];
  const err: string[] = [];
  const scripts: string[][] = [];
  const code = await runCli(words, {
    environment,
    folder: tmpdir(),
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
    runScript: (name, args) => {
      scripts.push([name, ...args]);
      return Promise.resolve(0);
    },
  });
  return { code, out: out.join('\n'), err: err.join('\n'), scripts };
};

describe('everwave run show', () => {
  it('prints the run with its steps as JSON', async () => {
    replies[`GET /v1/runs/${runId}`] = { status: 200, body: run };
    const { code, out } = await everwave(['run', 'show', runId, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(run);
    expect(seen[0]?.key).toBe('ew_key');
  });

  it('prints a table for people, with the ordinal of a repaired step', async () => {
    replies[`GET /v1/runs/${runId}`] = { status: 200, body: run };
    const { out } = await everwave(['run', 'show', runId]);
    expect(out).toContain('Order received · version 3 · succeeded');
    expect(out).toMatch(/send~2\s+succeeded\s+1\s+340 ms\s+Tell the customer/);
  });

  it('names the runs that it comes from and goes on in, and those of its sub-flows', async () => {
    const idOf = (digit: string) => `run_${digit.repeat(32)}`;
    const body = {
      ...run,
      parent: { runId: idOf('3'), path: 'ship', ordinal: 2, waits: true },
      forkOfRunId: idOf('4'),
      forkAt: 'pack',
      supersededByRunId: idOf('5'),
      forks: [{ id: idOf('5'), at: 'label', status: 'waiting', createdAt: at }],
      children: [
        { path: 'call', ordinal: 1, runId: idOf('6'), flowName: 'Customs', status: 'succeeded', waitedFor: true },
      ],
    };
    replies[`GET /v1/runs/${runId}`] = { status: 200, body };
    const { out } = await everwave(['run', 'show', runId]);
    expect(out).toContain(`Sub-flow of ${idOf('3')}, step ship~2`);
    expect(out).toContain(`Started again from ${idOf('4')}, step pack`);
    expect(out).toContain(`Goes on as ${idOf('5')}`);
    expect(out).toMatch(new RegExp(`STARTED AGAIN AS.*\\n${idOf('5')}\\s+label\\s+waiting`));
    expect(out).toMatch(new RegExp(`call\\s+${idOf('6')}\\s+succeeded\\s+Customs`));
    const asJson = await everwave(['run', 'show', runId, '--json']);
    expect(JSON.parse(asJson.out)).toMatchObject({ forks: body.forks, children: body.children, parent: body.parent });
  });

  it('says what the run and each of its steps used', async () => {
    const meters = [
      { meter: 'inputTokens', unit: 'token', amount: 1204 },
      { meter: 'outputTokens', unit: 'token', amount: 310 },
      { meter: 'costUsd', unit: 'USD', amount: 0.0021 },
    ];
    const used = {
      ...run,
      steps: run.steps.map((step) => ({ ...step, meters, costUsd: 0.0021 })),
      meters,
      costUsd: 0.0021,
    };
    replies[`GET /v1/runs/${runId}`] = { status: 200, body: used };
    const { out } = await everwave(['run', 'show', runId]);
    expect(out).toContain('Used 1,204 tokens in · 310 out · about $0.0021');
    expect(out).toMatch(/TOOK\s+USD\s+TITLE\nsend~2\s+succeeded\s+1\s+340 ms\s+\$0\.0021\s+Tell the customer/);
  });

  it('spells out what a terminal would obey, and loses nothing of it in JSON', async () => {
    const hostile = { ...run, flowName: 'Order \u001b]0;owned\u0007\u009b2J' };
    replies[`GET /v1/runs/${runId}`] = { status: 200, body: hostile };
    const table = await everwave(['run', 'show', runId]);
    expect(table.out).toContain(String.raw`Order \u001b]0;owned\u0007\u009b2J · version 3`);
    const { out } = await everwave(['run', 'show', runId, '--json']);
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    expect(table.out + out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    expect(JSON.parse(out)).toEqual(hostile);
  });

  it('sends its key to no other address, although the api says so', async () => {
    const moved = createServer((request, response) => {
      response.writeHead(307, { location: `${apiUrl}${request.url}` }).end();
    });
    await new Promise<void>((resolve) => moved.listen(0, '127.0.0.1', resolve));
    const movedUrl = `http://127.0.0.1:${(moved.address() as AddressInfo).port}`;
    const { code, err } = await everwave(['run', 'list'], { EVERWAVE_API_URL: movedUrl, EVERWAVE_API_KEY: 'ew_key' });
    await new Promise((resolve) => moved.close(resolve));
    expect(code).toBe(1);
    expect(err).toContain('answered 307');
    expect(seen).toEqual([]);
  });

  it('finds the api through the data folder of npm start', async () => {
    replies[`GET /v1/runs/${runId}`] = { status: 200, body: run };
    const data = mkdtempSync(join(tmpdir(), 'everwave-cli-'));
    writeFileSync(join(data, 'cli.json'), JSON.stringify({ apiUrl, apiKey: 'ew_local' }));
    const { code } = await everwave(['run', 'show', runId, '--json'], { EVERWAVE_DATA: data });
    expect(code).toBe(0);
    expect(seen[0]?.key).toBe('ew_local');
  });
});

describe('everwave run value', () => {
  const path = encodeURIComponent('each[3].fetch');
  const address = `GET /v1/runs/${runId}/steps/${path}`;
  const value = { rows: [1, 2, 3], text: 'ü'.repeat(3_000_000) };

  it('prints the whole output of a step', async () => {
    replies[`${address}/output`] = { status: 200, body: { rows: [1] } };
    const { code, out } = await everwave(['run', 'value', runId, 'each[3].fetch']);
    expect([code, JSON.parse(out)]).toEqual([0, { rows: [1] }]);
  });

  it('writes a large input of one of its attempts to a file, byte for byte', async () => {
    replies[`${address}/input?ordinal=2`] = { status: 200, body: value };
    const file = join(mkdtempSync(join(tmpdir(), 'everwave-value-')), 'input.json');
    const { code, out } = await everwave([
      'run',
      'value',
      runId,
      'each[3].fetch',
      '--input',
      '--ordinal',
      '2',
      '--out',
      file,
    ]);
    expect([code, out]).toEqual([0, `Written to ${file}.`]);
    expect(readFileSync(file, 'utf8')).toBe(JSON.stringify(value));
  });

  it('says why there is none, and writes no file', async () => {
    const detail = 'The step each[3].fetch has no output.';
    const body: Problem = { ...problem, status: 404, code: 'step_value_not_found', detail, errors: [] };
    replies[`${address}/output`] = { status: 404, body };
    const file = join(mkdtempSync(join(tmpdir(), 'everwave-value-')), 'output.json');
    const { code, err } = await everwave(['run', 'value', runId, 'each[3].fetch', '--out', file]);
    expect(code).not.toBe(0);
    expect(err).toContain(detail);
    expect(existsSync(file)).toBe(false);
  });
});

describe('everwave run files', () => {
  const address = `GET /v1/runs/${runId}/files`;
  const sha256 = 'a'.repeat(64);
  const file = {
    name: 'bill\u001B[2J.pdf',
    mediaType: 'application/pdf',
    bytes: 48_213,
    sha256,
    runId,
    path: 'each[3].fetch',
    ordinal: 1,
    createdAt: '2026-11-21T12:00:00.000Z',
  };

  it('lists name, type, size and step, harmless to a terminal, and says that there are more', async () => {
    replies[`${address}?limit=100`] = { status: 200, body: { items: [file], nextCursor: 'MTAw' } };
    const { code, out } = await everwave(['run', 'files', runId]);
    expect(code).toBe(0);
    expect(out).toMatch(/bill.*\.pdf\s+application\/pdf\s+48213 bytes\s+each\[3\]\.fetch\s+a{64}/);
    expect(out).not.toContain('\u001B');
    expect(out).toContain('--cursor MTAw');
  });

  it('says that there are none', async () => {
    replies[`${address}?limit=100`] = { status: 200, body: { items: [], nextCursor: null } };
    expect(await everwave(['run', 'files', runId])).toMatchObject({ code: 0, out: 'The run has made no files.' });
  });

  it('writes one to a file that is named, and to no other', async () => {
    replies[`${address}/${sha256}`] = { status: 200, body: { content: 'ü' } };
    const target = join(mkdtempSync(join(tmpdir(), 'everwave-file-')), 'bill.pdf');
    const { code, out } = await everwave(['run', 'files', runId, '--get', sha256, '--out', target]);
    expect([code, out]).toEqual([0, `Written to ${target}.`]);
    expect(readFileSync(target, 'utf8')).toBe('{"content":"ü"}');
    const { code: refused, err } = await everwave(['run', 'files', runId, '--get', sha256]);
    expect(refused).not.toBe(0);
    expect(err).toContain('--out <file>');
  });
});

describe('everwave run start', () => {
  it('sends the input under an idempotency key', async () => {
    replies[`POST /v1/flows/${flowId}/runs`] = { status: 202, body: { runId, url: run.url } };
    const { code, out } = await everwave(['run', 'start', flowId, '--input', '{"total":3}', '--key', 'order-1042']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ runId, url: run.url });
    expect(seen[0]).toMatchObject({ body: { input: { total: 3 } }, idempotencyKey: 'order-1042' });
  });

  it('refuses input that is not JSON before it calls anything', async () => {
    const { code, err } = await everwave(['run', 'start', flowId, '--input', '{total}']);
    expect(code).toBe(2);
    expect(err).toContain('--input is not JSON');
    expect(seen).toEqual([]);
  });
});

describe('everwave run rerun', () => {
  it('asks for a new run with the same input, under a key', async () => {
    replies[`POST /v1/runs/${runId}/rerun`] = { status: 202, body: { runId, url: run.url } };
    const { code, out } = await everwave(['run', 'rerun', runId, '--live', '--key', 'again-1042']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ runId, url: run.url });
    expect(seen[0]).toMatchObject({ body: { version: 'live' }, idempotencyKey: 'again-1042' });
  });
});

describe('everwave run fork', () => {
  const preview = {
    runId,
    from: 'send',
    flowVersion: 1,
    fits: true,
    problems: [],
    differences: [],
    again: [{ path: 'send', stepId: 'send', title: 'Send' }],
    counts: { again: 2, stands: 1_998, loops: [{ path: 'each', title: 'Each order', items: 1_000, again: 1 }] },
    effects: [
      { path: 'send', stepId: 'send', title: 'Send', state: 'confirmed', isKept: false, at },
      { path: 'ship/pack', stepId: 'ship/pack', title: 'Pack', state: 'undone', isKept: true, at },
    ],
    supersedes: false,
  };

  it('starts a run again from a step, with what was edited and accepted', async () => {
    replies[`POST /v1/runs/${runId}/fork`] = { status: 202, body: { runId, url: run.url } };
    const words = ['--from', 'send', '--output', 'first={"a":1}', '--output', 'each[7].get="x"', '--accept', 'send'];
    const { code, out } = await everwave(['run', 'fork', runId, ...words, '--version', '2', '--key', 'k-1', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ runId, url: run.url });
    expect(seen[0]).toMatchObject({
      body: { from: 'send', outputs: { first: { a: 1 }, 'each[7].get': 'x' }, accept: ['send'], version: 2 },
      idempotencyKey: 'k-1',
    });
  });

  it('says before what would happen, and what is to be accepted', async () => {
    replies[`POST /v1/runs/${runId}/fork/preview`] = { status: 200, body: preview };
    const { out } = await everwave(['run', 'fork', runId, '--from', 'send', '--preview']);
    expect(out).toContain('From send, on version 1: possible');
    expect(out).toContain('In numbers: 2 of 2000 steps run again\n  each: 1 of 1000 items');
    expect(out).toContain("--accept 'send'   Send (confirmed)");
    expect(out).toContain("--accept 'ship/pack'   Pack (was undone, and is not done again)");
  });

  it.each([
    [[], 'Missing --from'],
    [['--from', 'send', '--output', 'first'], 'write the step, an equals sign'],
    [['--from', 'send', '--version', 'newest'], 'write live, or a number'],
  ])('refuses %j', async (words, message) => {
    const { code, err } = await everwave(['run', 'fork', runId, ...words]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('everwave run migrate', () => {
  it('has the run go on under the live version, or asks whether it could', async () => {
    replies[`POST /v1/runs/${runId}/migrate`] = {
      status: 200,
      body: { runId, flowVersion: 2, status: 'waiting' },
    };
    expect((await everwave(['run', 'migrate', runId])).out).toContain('under version 2');
    const problems = [{ code: 'step_changed', stepId: 'first', message: 'First differs.' }];
    replies[`POST /v1/runs/${runId}/migrate/preview`] = {
      status: 200,
      body: { runId, flowVersion: 2, fits: false, problems },
    };
    expect((await everwave(['run', 'migrate', runId, '--preview'])).out).toBe(
      'Version 2: does not fit\n  First differs.',
    );
  });
});

describe('everwave run migrate --list', () => {
  it('prints each version with its verdict', async () => {
    const of = { runId, note: '', publishedAt: at };
    const problems = [{ code: 'step_changed', stepId: 'first', message: 'First differs.' }];
    const items = [
      { ...of, flowVersion: 3, live: true, fits: false, problems },
      { ...of, flowVersion: 2, live: false, fits: true, problems: [] },
    ];
    replies[`GET /v1/runs/${runId}/migrations?limit=20`] = { status: 200, body: { items, nextCursor: null } };
    const { out } = await everwave(['run', 'migrate', runId, '--list']);
    expect(out).toMatch(/3 \(live\)\s+no\s+2026-03-01T12:00:00.000Z\s+First differs\.\n2\s+yes/);
  });
});

describe('everwave backup, restore and reset-owner', () => {
  it.each(['backup', 'restore', 'reset-owner'])(
    'hands %s to the script of that name, options and all, and needs no api',
    async (name) => {
      const { code, scripts } = await everwave([name, '/backups', '--help'], { EVERWAVE_DATA: '/nowhere' });
      expect(code).toBe(0);
      expect(scripts).toEqual([[name, '/backups', '--help']]);
    },
  );

  it('are listed with the other commands', async () => {
    const { out } = await everwave(['help']);
    expect(out).toContain('everwave backup <file or folder>');
    expect(out).toContain('everwave restore <file>');
    expect(out).toContain('everwave reset-owner <email>');
  });
});

describe('everwave refuses', () => {
  it('an unknown command, with the list of those there are', async () => {
    const { code, err } = await everwave(['run', 'explode']);
    expect(code).toBe(2);
    expect(err).toContain('everwave run show <runId>');
  });

  it('a missing argument, with the usage', async () => {
    expect(await everwave(['run', 'show'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Missing <runId>.'),
    });
  });

  it('an unknown repair, with the five there are', async () => {
    const { code, err } = await everwave(['run', 'repair', runId, 'fix']);
    expect(code).toBe(2);
    expect(err).toContain('retryStep, completeStep, skipStep, failRun, cancelRun');
  });

  it('to guess where the api is', async () => {
    const { code, err } = await everwave(['run', 'show', runId], { EVERWAVE_DATA: '/nowhere' });
    expect(code).toBe(1);
    expect(err).toContain('Start the product with npm start');
  });
});

describe('everwave says what the api answered', () => {
  it('with code, places and request id', async () => {
    replies[`POST /v1/flows/${flowId}/publish`] = { status: 422, body: problem };
    const { code, err } = await everwave(['flow', 'publish', flowId]);
    expect(code).toBe(1);
    expect(err).toBe(
      'The flow has 1 error. (flow_invalid)\n  nodes[2].input.url: A URL is missing.\nrequest id: req_1',
    );
  });

  it('when nothing answers at all', async () => {
    const { code, err } = await everwave(['run', 'list'], {
      EVERWAVE_API_URL: 'http://127.0.0.1:9',
      EVERWAVE_API_KEY: 'k',
    });
    expect(code).toBe(1);
    expect(err).toContain('does not answer');
  });
});

describe('everwave approvals', () => {
  const approvalId = `apr_${'3'.repeat(32)}`;
  const approval = {
    id: approvalId,
    url: 'http://127.0.0.1/approvals/ask',
    runId,
    runUrl: 'http://127.0.0.1/runs/x',
    flowId,
    flowName: 'Refunds',
    path: 'ask',
    stepId: 'ask',
    ordinal: 1,
    status: 'open',
    subject: 'Refund 120?',
    message: null,
    form: {},
    roles: ['operator'],
    people: [],
    approvalsNeeded: 2,
    rejectionsNeeded: 1,
    answers: [],
    mayAnswer: true,
    openedAt: at,
    dueAt: null,
    closedAt: null,
  };

  it('lists what waits, with how many answers are there', async () => {
    replies['GET /v1/approvals?state=open&limit=5'] = {
      status: 200,
      body: { items: [approval], nextCursor: null, open: 1 },
    };
    const { code, out } = await everwave(['approvals', 'list', '--state', 'open', '--limit', '5']);
    expect(code).toBe(0);
    expect(out).toMatch(/apr_3+\s+open\s+0\/2\s+\S+\s+-\s+Refunds\s+Refund 120\?/);
    expect((await everwave(['approvals', 'list', '--state', 'never'])).err).toContain('One of: mine, open, all.');
  });

  it('answers with the values of the form', async () => {
    replies[`POST /v1/approvals/${approvalId}/answer`] = { status: 200, body: { approvalId, status: 'open' } };
    const words = [
      'approvals',
      'answer',
      approvalId,
      'approve',
      '--values',
      '{"reason":"broken"}',
      '--comment',
      'Seen.',
    ];
    const { code, out } = await everwave(words);
    expect([code, out]).toEqual([0, 'Taken. Others must answer too.']);
    expect(seen[0]?.body).toEqual({
      decision: 'approved',
      values: { reason: 'broken' },
      comment: 'Seen.',
      requestId: expect.any(String),
    });
    const wrong = await everwave(['approvals', 'answer', approvalId, 'perhaps']);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('One of: approve, reject.')]);
  });
});

describe('everwave event send', () => {
  it('sends one event, and prints how it was taken', async () => {
    const sent = {
      eventId: `evt_${'4'.repeat(32)}`,
      id: 'pay_7',
      name: 'order.paid',
      correlationKey: 'A-1042',
      duplicate: false,
      receivedAt: at,
      expiresAt: at,
    };
    replies['POST /v1/events'] = { status: 202, body: { events: [sent] } };
    const words = [
      'event',
      'send',
      'order.paid',
      'A-1042',
      '--id',
      'pay_7',
      '--data',
      '{"amount":1}',
      '--expires-in',
      '1h',
    ];
    const { code, out } = await everwave(words);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(sent);
    const event = { id: 'pay_7', name: 'order.paid', correlationKey: 'A-1042', data: { amount: 1 }, expiresIn: '1h' };
    expect(seen[0]?.body).toEqual({ events: [event] });
  });
});

describe('everwave limits', () => {
  const idle = { running: 0, waiting: 0 };
  const none = { atOnce: null, rate: null };
  const runs = { atOnce: 5, rate: { count: 100, seconds: 60 } };
  const steps = { atOnce: 2, rate: { count: 10, seconds: 1, burst: 10 } };
  const eachFlow = { ...none, whenFull: 'wait' };
  const connectionId = `conn_${'5'.repeat(32)}`;
  const known = [
    {
      words: [],
      path: '/v1/limits',
      body: { runs, eachFlow, steps, usage: { runs: { running: 5, waiting: 12 }, steps: idle } },
    },
    {
      words: ['--flow', flowId],
      path: `/v1/flows/${flowId}/limits`,
      body: {
        runs: { ...runs, whenFull: 'skip' },
        eachFlow,
        steps: none,
        nodes: { send: steps },
        usage: { runs: idle, steps: idle },
      },
    },
    {
      words: ['--connection', connectionId],
      path: `/v1/connections/${connectionId}/limits`,
      body: { steps, usage: { steps: { running: 2, waiting: 3 } } },
    },
  ] as const;

  it.each(known)('show prints all that stands at $path', async ({ words, path, body }) => {
    replies[`GET ${path}`] = { status: 200, body };
    const { code, out } = await everwave(['limits', 'show', ...words]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(body);
  });

  it.each(known)(
    'set replaces what stands at $path, and prints what stands there now',
    async ({ words, path, body }) => {
      replies[`PUT ${path}`] = { status: 200, body };
      const { code, out } = await everwave(['limits', 'set', ...words, '--to', '{"steps":{"atOnce":2}}']);
      expect(code).toBe(0);
      expect(seen).toMatchObject([{ method: 'PUT', path, body: { steps: { atOnce: 2 } } }]);
      expect(JSON.parse(out)).toEqual(body);
    },
  );

  it.each([
    [['set'], 'Missing --to'],
    [['set', '--to', '{'], '--to is not JSON'],
    [['show', '--flow', flowId, '--connection', connectionId], 'Name a flow or a connection.'],
  ])('refuses %j before it calls anything', async (words, message) => {
    const { code, err } = await everwave(['limits', ...words]);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain('limits');
    expect(seen).toEqual([]);
  });

  it('says which field the api refused', async () => {
    const errors = [{ path: 'runs.atOnce', message: 'Too small: expected number to be >=1' }];
    replies[`PUT /v1/flows/${flowId}/limits`] = { status: 400, body: { ...problem, status: 400, errors } };
    const { code, err } = await everwave(['limits', 'set', '--flow', flowId, '--to', '{"runs":{"atOnce":0}}']);
    expect(code).toBe(1);
    expect(err).toContain('runs.atOnce');
  });
});
