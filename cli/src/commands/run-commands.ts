import { randomUUID } from 'node:crypto';
import {
  describeUsage,
  formatUsd,
  repairReplySchema,
  type Run,
  runListSchema,
  runSchema,
  startedRunSchema,
} from '@everwave/schema/api';
import { isClosed, repairUpdates } from '@everwave/schema/run';
import { type Command, parseJson, positional, UsageError } from '../command.ts';
import { describeRelations } from '../describe-relations.ts';
import { duration, table } from '../format.ts';

const json = { type: 'boolean' } as const;
const text = { type: 'string' } as const;

export const runShow: Command = {
  usage: 'run show <runId> [--json] [--wait] [--unmask]',
  summary: 'Shows a run with its steps; --wait returns when it has ended or needs a person.',
  options: { json, wait: { type: 'boolean' }, unmask: { type: 'boolean' } },
  async run({ client, positionals, options, print }) {
    const query = options['unmask'] ? '?unmask=true' : '';
    const path = `/v1/runs/${encodeURIComponent(positional(positionals, 0, 'runId'))}${query}`;
    let run = await client.get(path, runSchema);
    while (options['wait'] && !isClosed(run.status) && run.status !== 'needs_attention') {
      await new Promise((resolve) => setTimeout(resolve, 500));
      run = await client.get(path, runSchema);
    }
    print(options['json'] ? JSON.stringify(run, null, 2) : describeRun(run));
  },
};

const describeRun = (run: Run): string => {
  const isPriced = run.costUsd !== null;
  return [
    `${run.flowName} · version ${run.flowVersion} · ${run.status}`,
    `${run.id}  ${run.url}`,
    ...(describeUsage(run) ? [`Used ${describeUsage(run)}`] : []),
    ...(run.failure ? [`${run.failure.name}: ${run.failure.message}`] : []),
    ...describeRelations(run),
    '',
    table([
      ['STEP', 'STATUS', 'ATTEMPTS', 'TOOK', ...(isPriced ? ['USD'] : []), 'TITLE'],
      ...run.steps.map((step) => [
        step.ordinal > 1 ? `${step.path}~${step.ordinal}` : step.path,
        step.status,
        String(step.attempts),
        duration(step.startedAt, step.finishedAt),
        ...(isPriced ? [step.costUsd === null ? '-' : formatUsd(step.costUsd)] : []),
        step.failure ? `${step.title} (${step.failure.name}: ${step.failure.message})` : step.title,
      ]),
    ]),
  ].join('\n');
};

export const runList: Command = {
  usage: 'run list [--status <status>] [--flow <flowId>] [--limit <n>] [--json]',
  summary: 'Lists runs, the newest first.',
  options: { json, status: text, flow: text, limit: text },
  async run({ client, options, print }) {
    const query = new URLSearchParams();
    for (const [name, value] of [
      ['status', options['status']],
      ['flowId', options['flow']],
      ['limit', options['limit']],
    ] as const)
      if (typeof value === 'string') query.set(name, value);
    const { items } = await client.get(`/v1/runs?${query.toString()}`, runListSchema);
    if (options['json']) return print(JSON.stringify(items, null, 2));
    print(
      table([
        ['RUN', 'STATUS', 'STARTED', 'TOOK', 'FLOW'],
        ...items.map((run) => [
          run.id,
          run.status,
          run.createdAt,
          duration(run.startedAt, run.finishedAt),
          run.flowName,
        ]),
      ]),
    );
  },
};

export const runStart: Command = {
  usage: 'run start <flowId> [--input <json>] [--key <idempotencyKey>]',
  summary: 'Starts a run of the live version; two starts with one key give one run.',
  options: { input: text, key: text },
  async run({ client, positionals, options, print }) {
    const flowId = positional(positionals, 0, 'flowId');
    const body = typeof options['input'] === 'string' ? { input: parseJson(options['input'], 'input') } : {};
    const key = typeof options['key'] === 'string' ? options['key'] : randomUUID();
    const started = await client.post(`/v1/flows/${encodeURIComponent(flowId)}/runs`, body, startedRunSchema, {
      'idempotency-key': key,
    });
    print(JSON.stringify(started));
  },
};

export const runRerun: Command = {
  usage: 'run rerun <runId> [--live] [--key <idempotencyKey>]',
  summary: "Starts a new run with a run's input, every step anew; --live takes the version that is live now.",
  options: { live: { type: 'boolean' }, key: text },
  async run({ client, positionals, options, print }) {
    const runId = positional(positionals, 0, 'runId');
    const body = { version: options['live'] ? 'live' : 'same' };
    const key = typeof options['key'] === 'string' ? options['key'] : randomUUID();
    const started = await client.post(`/v1/runs/${encodeURIComponent(runId)}/rerun`, body, startedRunSchema, {
      'idempotency-key': key,
    });
    print(JSON.stringify(started));
  },
};

export const runRepair: Command = {
  usage: 'run repair <runId> <action> [--path <step>] [--input <json> | --edit <json>] [--output <json>]',
  summary: `Repairs a run: ${repairUpdates.join(', ')}.`,
  options: { path: text, input: text, edit: text, output: text },
  async run({ client, positionals, options, print }) {
    const runId = positional(positionals, 0, 'runId');
    const action = positional(positionals, 1, 'action');
    if (!(repairUpdates as readonly string[]).includes(action)) {
      throw new UsageError(`Unknown action ${action}. One of: ${repairUpdates.join(', ')}.`);
    }
    const body = {
      action,
      requestId: randomUUID(),
      ...(typeof options['path'] === 'string' ? { path: options['path'] } : {}),
      ...(typeof options['input'] === 'string' ? { input: parseJson(options['input'], 'input') } : {}),
      ...(typeof options['edit'] === 'string' ? { edit: parseJson(options['edit'], 'edit') } : {}),
      ...(typeof options['output'] === 'string' ? { output: parseJson(options['output'], 'output') } : {}),
    };
    const reply = await client.post(`/v1/runs/${encodeURIComponent(runId)}/repair`, body, repairReplySchema);
    print(`${reply.action}: the run is ${reply.status}.`);
  },
};
