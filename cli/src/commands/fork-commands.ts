import { randomUUID } from 'node:crypto';
import {
  type ForkPreview,
  forkPreviewSchema,
  migratePreviewSchema,
  migrateReplySchema,
  type MigrationList,
  migrationListSchema,
  startedRunSchema,
} from '@everwave/schema/api';
import { type Command, type Options, parseJson, positional, textsOf, UsageError } from '../command.ts';
import { table } from '../format.ts';

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const yes = { type: 'boolean' } as const;

export const runFork: Command = {
  usage:
    'run fork <runId> --from <step> [--output <step>=<json>…] [--input <json>] [--version live|<n>] [--accept <step>…] [--preview] [--key <idempotencyKey>] [--json]',
  summary:
    'Starts a run again from one of its steps, as a new run; --preview says what would happen, --accept that an effect may happen again.',
  options: {
    from: text,
    output: texts,
    input: text,
    version: text,
    accept: texts,
    preview: yes,
    key: text,
    json: yes,
  },
  async run({ client, positionals, options, print }) {
    const path = `/v1/runs/${encodeURIComponent(positional(positionals, 0, 'runId'))}/fork`;
    const body = toForkRequest(options);
    if (options['preview']) {
      const preview = await client.post(`${path}/preview`, body, forkPreviewSchema);
      return print(options['json'] ? JSON.stringify(preview, null, 2) : describePreview(preview));
    }
    const key = typeof options['key'] === 'string' ? options['key'] : randomUUID();
    const started = await client.post(path, body, startedRunSchema, { 'idempotency-key': key });
    print(options['json'] ? JSON.stringify(started) : `Started ${started.runId}\n${started.url}`);
  },
};

const toForkRequest = (options: Options) => {
  if (typeof options['from'] !== 'string') throw new UsageError('Missing --from <step>: the step that runs again.');
  return {
    from: options['from'],
    outputs: Object.fromEntries(textsOf(options, 'output').map(toOutput)),
    accept: textsOf(options, 'accept'),
    ...(typeof options['input'] === 'string' && { input: parseJson(options['input'], 'input') }),
    ...toVersion(options),
  };
};

const toOutput = (given: string): [string, unknown] => {
  const at = given.indexOf('=');
  if (at < 1) throw new UsageError(`--output ${given}: write the step, an equals sign, and its output as JSON.`);
  return [given.slice(0, at), parseJson(given.slice(at + 1), 'output')];
};

const toVersion = (options: Options): { readonly version?: string | number } => {
  const version = options['version'];
  if (typeof version !== 'string') return {};
  if (version === 'live') return { version };
  if (!/^[1-9]\d{0,8}$/.test(version)) throw new UsageError(`--version ${version}: write live, or a number.`);
  return { version: Number(version) };
};

const describePreview = (preview: ForkPreview) => {
  const { from, flowVersion, fits, problems, differences, again, counts, effects, supersedes } = preview;
  return [
    `From ${from}, on version ${flowVersion}: ${fits ? 'possible' : 'not possible'}`,
    ...problems.map(({ message }) => `  ${message}`),
    ...(differences.length > 0
      ? ['Kept although the version differs:', ...differences.map(({ message }) => `  ${message}`)]
      : []),
    `Runs again: ${again.map(({ path }) => path).join(', ') || 'nothing that has run'}`,
    `In numbers: ${counts.again} of ${counts.again + counts.stands} steps run again`,
    ...counts.loops.map(({ path, items, again: some }) => `  ${path}: ${some} of ${items} items`),
    ...(effects.length > 0
      ? [
          'Happens once more, or stays undone, so accept it:',
          ...effects.map(
            ({ path, title, state, isKept }) =>
              `  --accept '${path}'   ${title} (${isKept ? 'was undone, and is not done again' : state})`,
          ),
        ]
      : []),
    ...(supersedes ? ['The run is open: it ends, and the new one goes on in its place.'] : []),
  ].join('\n');
};

export const runMigrate: Command = {
  usage: 'run migrate <runId> [--version live|<n>] [--preview] [--list] [--json]',
  summary:
    'Has a run that waits go on under another version of its flow; --preview asks whether it could, --list asks about every version.',
  options: { version: text, preview: yes, list: yes, json: yes },
  async run({ client, positionals, options, print }) {
    const runId = positional(positionals, 0, 'runId');
    const path = `/v1/runs/${encodeURIComponent(runId)}/migrate`;
    const body = toVersion(options);
    if (options['list']) {
      const { items } = await client.get(
        `/v1/runs/${encodeURIComponent(runId)}/migrations?limit=20`,
        migrationListSchema,
      );
      return print(options['json'] ? JSON.stringify(items, null, 2) : describeVersions(items));
    }
    if (options['preview']) {
      const verdict = await client.post(`${path}/preview`, body, migratePreviewSchema);
      const reasons = verdict.problems.map(({ message }) => `  ${message}`);
      const words = [`Version ${verdict.flowVersion}: ${verdict.fits ? 'fits' : 'does not fit'}`, ...reasons];
      return print(options['json'] ? JSON.stringify(verdict, null, 2) : words.join('\n'));
    }
    const reply = await client.post(path, { ...body, requestId: randomUUID() }, migrateReplySchema);
    print(options['json'] ? JSON.stringify(reply) : `The run goes on under version ${reply.flowVersion}.`);
  },
};

const describeVersions = (versions: MigrationList['items']): string =>
  table([
    ['VERSION', 'FITS', 'PUBLISHED', 'WHY NOT'],
    ...versions.map(({ flowVersion, live, fits, publishedAt, problems }) => [
      live ? `${flowVersion} (live)` : String(flowVersion),
      fits ? 'yes' : 'no',
      publishedAt,
      problems.map(({ message }) => message).join(' '),
    ]),
  ]);
