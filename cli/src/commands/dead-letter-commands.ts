import { randomUUID } from 'node:crypto';
import {
  deadLetterGroupDetailSchema,
  deadLetterGroupListSchema,
  dismissedSchema,
  type RepairJob,
  repairJobSchema,
  repairPreviewSchema,
} from '@everwave/schema/api';
import { ApiError, type Client } from '../client.ts';
import { type Command, type Options, parseJson, positional, UsageError } from '../command.ts';
import { table } from '../format.ts';

const json = { type: 'boolean' } as const;
const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

export const deadLettersList: Command = {
  usage: 'dead-letters list [--state open|dismissed|resolved] [--flow <flowId>] [--limit <n>] [--json]',
  summary: 'Lists what waits for a person, in groups that want the same repair.',
  options: { json, state: text, flow: text, limit: text },
  async run({ client, options, print }) {
    const query = new URLSearchParams();
    for (const [name, value] of [
      ['state', options['state']],
      ['flowId', options['flow']],
      ['limit', options['limit']],
    ] as const)
      if (typeof value === 'string') query.set(name, value);
    const list = await client.get(`/v1/dead-letter-groups?${query.toString()}`, deadLetterGroupListSchema);
    if (options['json']) return print(JSON.stringify(list.items, null, 2));
    if (list.items.length === 0) return print('Nothing here.');
    print(
      table([
        ['GROUP', 'LETTERS', 'LAST SEEN', 'FLOW', 'STEP', 'FAILURE'],
        ...list.items.map((group) => [
          group.fingerprint.slice(0, 12),
          String(group.letters),
          group.lastSeenAt,
          group.flowName,
          group.stepTitle,
          `${group.failure.name}: ${group.failure.message}`,
        ]),
      ]),
    );
  },
};

export const deadLettersShow: Command = {
  usage: 'dead-letters show <group> [--state open|dismissed|resolved] [--json]',
  summary: 'Shows one group with its letters; a few first characters name it.',
  options: { json, state: text },
  async run({ client, positionals, options, print }) {
    const path = await groupPath(client, positionals);
    const state = typeof options['state'] === 'string' ? `&state=${encodeURIComponent(options['state'])}` : '';
    const group = await client.get(`${path}?limit=100${state}`, deadLetterGroupDetailSchema);
    if (options['json']) return print(JSON.stringify(group, null, 2));
    const { open, dismissed, resolved } = group.counts;
    print(
      [
        `${group.flowName} · ${group.stepTitle} · ${group.failure.name}: ${group.failure.message}`,
        ...(group.failure.advice ? [group.failure.advice] : []),
        `${open} open, ${dismissed} dismissed, ${resolved} decided; from ${group.firstSeenAt} to ${group.lastSeenAt}`,
        ...(group.repairJobId ? [`Being repaired: ${group.repairJobId}`] : []),
        group.fingerprint,
        '',
        table([
          ['RUN', 'STEP', 'ATTEMPTS', 'SINCE', 'FAILURE'],
          ...group.letters.items.map((letter) => [
            letter.runId,
            letter.ordinal > 1 ? `${letter.path}~${letter.ordinal}` : letter.path,
            String(letter.attempts),
            letter.openedAt,
            letter.failure.message,
          ]),
        ]),
        ...(group.letters.nextCursor ? ['… and more.'] : []),
      ].join('\n'),
    );
  },
};

const actions = ['retry', 'complete', 'skip', 'fail'] as const;

export const deadLettersRepair: Command = {
  usage:
    'dead-letters repair <group> [--action retry|complete|skip|fail] [--edit <json>] [--output <json>] [--canary|--no-canary] [--repeat-doubtful] [--rate <n>] [--key <requestId>] [--comment <text>] [--yes] [--json]',
  summary:
    'Repairs a whole group: says in numbers what it will do, then one run first, and the rest when that went well.',
  options: {
    action: text,
    edit: text,
    output: text,
    canary: flag,
    'no-canary': flag,
    'repeat-doubtful': flag,
    rate: text,
    key: text,
    comment: text,
    yes: flag,
    json,
  },
  async run({ client, positionals, options, print }) {
    const body = repairOf(options);
    const path = await groupPath(client, positionals);
    const preview = await client.post(`${path}/repairs/preview`, body, repairPreviewSchema);
    if (!options['json']) print(preview.words);
    if (!options['yes']) {
      if (options['json']) print(JSON.stringify(preview, null, 2));
      else print('Nothing was done. Run it again with --yes to do this.');
      return;
    }
    const begun = await client.post(`${path}/repairs`, body, repairJobSchema);
    const job = await follow(client, begun, options['json'] ? () => {} : print);
    print(options['json'] ? JSON.stringify(job, null, 2) : describeEnd(job));
    if (job.status !== 'done' || job.counts.failedAgain + job.counts.refused > 0) {
      throw new Error(
        `Not everything was repaired. Look at: everwave dead-letters show ${job.fingerprint.slice(0, 12)}`,
      );
    }
  },
};

const repairOf = (options: Options): Record<string, unknown> => {
  const action = typeof options['action'] === 'string' ? options['action'] : 'retry';
  if (!(actions as readonly string[]).includes(action)) {
    throw new UsageError(`Unknown action ${action}. One of: ${actions.join(', ')}.`);
  }
  if (options['canary'] && options['no-canary']) throw new UsageError('Either --canary or --no-canary.');
  const belongs = { edit: 'retry', 'repeat-doubtful': 'retry', output: 'complete' } as const;
  for (const [option, needed] of Object.entries(belongs)) {
    if (options[option] !== undefined && action !== needed)
      throw new UsageError(`--${option} goes with --action ${needed}.`);
  }
  if (action === 'complete' && typeof options['output'] !== 'string') {
    throw new UsageError('--action complete needs an --output; null is one.');
  }
  const rate = typeof options['rate'] === 'string' ? Number(options['rate']) : undefined;
  if (rate !== undefined && !Number.isInteger(rate))
    throw new UsageError('--rate is a whole number of runs per second.');
  return {
    action,
    canary: !options['no-canary'],
    requestId: typeof options['key'] === 'string' ? options['key'] : randomUUID(),
    ...(typeof options['edit'] === 'string' ? { edit: parseJson(options['edit'], 'edit') } : {}),
    ...(typeof options['output'] === 'string' ? { output: parseJson(options['output'], 'output') } : {}),
    ...(options['repeat-doubtful'] ? { doubtful: 'repeat' } : {}),
    ...(rate === undefined ? {} : { ratePerSecond: rate }),
    ...(typeof options['comment'] === 'string' ? { comment: options['comment'] } : {}),
  };
};

/** Looks in a row that may stay without an answer: the repair goes on while the api is started anew. */
const patience = 120;

/** Prints how far it has come whenever that has changed, until nothing is under way. */
const follow = async (client: Client, begun: RepairJob, print: (line: string) => void): Promise<RepairJob> => {
  let job = begun;
  let last = '';
  let failures = 0;
  for (;;) {
    const line = describeProgress(job);
    if (line !== last) print(line);
    last = line;
    if (job.settledAt !== null) return job;
    await new Promise((resolve) => setTimeout(resolve, 500));
    try {
      job = await client.get(`/v1/repair-jobs/${job.id}`, repairJobSchema);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (error instanceof ApiError || failures > patience) throw error;
    }
  }
};

const describeProgress = ({ status, counts, reason }: RepairJob): string =>
  [
    `${status}: ${counts.repaired} of ${counts.total} repaired, ${counts.underWay} under way, ${counts.waiting} waiting`,
    ...(counts.failedAgain > 0 ? [`${counts.failedAgain} failed again`] : []),
    ...(counts.refused > 0 ? [`${counts.refused} refused`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} decided by somebody else`] : []),
    ...(counts.untouched > 0 ? [`${counts.untouched} untouched`] : []),
    ...(reason ? [reason] : []),
  ].join(', ');

const describeEnd = ({ id, status, reason }: RepairJob): string =>
  `${id} is ${status}.${status === 'stopped' && reason ? ` ${reason}` : ''}`;

export const deadLettersDismiss: Command = {
  usage: 'dead-letters dismiss <group> --reason <text> [--fail-runs] [--yes] [--json]',
  summary: 'Takes a group out of the inbox; its runs go on waiting until their limit, or fail with --fail-runs.',
  options: { reason: text, 'fail-runs': flag, yes: flag, json },
  async run({ client, positionals, options, print }) {
    const reason = options['reason'];
    if (typeof reason !== 'string' || reason.trim() === '') throw new UsageError('Say why: --reason <text>.');
    const path = await groupPath(client, positionals);
    const group = await client.get(`${path}?limit=1`, deadLetterGroupDetailSchema);
    const isFailing = options['fail-runs'] === true;
    const { open } = group.counts;
    if (!options['json']) {
      print(
        `Takes ${open} dead letter${open === 1 ? '' : 's'} out of the inbox. Their runs ${isFailing ? 'end as failed, for good' : 'go on waiting until their limit'}.`,
      );
    }
    if (!options['yes']) return print('Nothing was done. Run it again with --yes to do this.');
    const body = { reason, run: isFailing ? 'fail' : 'wait' };
    const dismissed = await client.post(`${path}/dismiss`, body, dismissedSchema);
    print(options['json'] ? JSON.stringify(dismissed, null, 2) : `Dismissed ${dismissed.dismissed}.`);
  },
};

/** The group's address in the api. People type its first characters; more than one that fits is an error. */
const groupPath = async (client: Client, positionals: readonly string[]): Promise<string> => {
  const given = positional(positionals, 0, 'group').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(given)) return `/v1/dead-letter-groups/${given}`;
  if (!/^[0-9a-f]{4,63}$/.test(given)) {
    throw new UsageError('A group is named by its fingerprint, or by 4 or more of its first characters.');
  }
  const found = new Set<string>();
  for (const state of ['open', 'dismissed']) {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { items: { fingerprint: string }[]; nextCursor: string | null } = await client.get(
        `/v1/dead-letter-groups?state=${state}&limit=100${cursor ? `&cursor=${cursor}` : ''}`,
        deadLetterGroupListSchema,
      );
      for (const { fingerprint } of page.items) if (fingerprint.startsWith(given)) found.add(fingerprint);
      cursor = page.nextCursor;
    }
  }
  const [only, other] = found;
  if (only === undefined)
    throw new Error(`No group that waits begins with ${given}. List them: everwave dead-letters list`);
  if (other !== undefined) throw new Error(`${found.size} groups begin with ${given}. Give more characters.`);
  return `/v1/dead-letter-groups/${only}`;
};
