import { auditListSchema, auditSentenceText, auditVerificationSchema } from '@everwave/schema/api';
import { type Command, type Options, UsageError } from '../command.ts';
import { table } from '../format.ts';

const text = { type: 'string' } as const;
const filters = { actor: text, action: text, target: text, from: text, until: text } as const;
const filterUsage = '[--actor <who>] [--action <what>] [--target <id or name>] [--from <time>] [--until <time>]';

const query = (options: Options, more: Readonly<Record<string, string>> = {}): string => {
  const given = new URLSearchParams(more);
  for (const name of Object.keys(filters)) {
    const value = options[name];
    if (typeof value === 'string') given.set(name, name === 'from' || name === 'until' ? toMoment(name, value) : value);
  }
  return given.size === 0 ? '' : `?${given.toString()}`;
};

/** `2026-11-21` is the beginning of that day in UTC. */
const toMoment = (name: string, given: string): string => {
  const time = new Date(given);
  if (Number.isNaN(time.getTime()))
    throw new UsageError(`--${name} is no time. Write 2026-11-21 or 2026-11-21T09:30:00Z.`);
  return time.toISOString();
};

export const auditList: Command = {
  usage: `audit list ${filterUsage} [--limit <number>]`,
  summary: 'Who did what, the newest first.',
  options: { ...filters, limit: text },
  async run({ client, options, print }) {
    const limit = typeof options['limit'] === 'string' ? options['limit'] : '25';
    const { items } = await client.get(`/v1/audit${query(options, { limit })}`, auditListSchema);
    print(
      table(items.map((entry) => [String(entry.number), entry.at, entry.address ?? '–', auditSentenceText(entry)])),
    );
  },
};

export const auditExport: Command = {
  usage: `audit export [--format jsonl|csv] ${filterUsage}`,
  summary: 'Prints every entry, the oldest first, as JSON Lines or CSV.',
  options: { ...filters, format: text },
  async run({ client, options, print }) {
    const format = typeof options['format'] === 'string' ? options['format'] : 'jsonl';
    const decoder = new TextDecoder();
    let rest = '';
    for await (const bytes of await client.stream(`/v1/audit/export${query(options, { format })}`)) {
      const lines = `${rest}${decoder.decode(bytes, { stream: true })}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) print(line.replace(/\r$/, ''));
    }
    if (rest !== '') print(rest);
  },
};

export const auditVerify: Command = {
  usage: 'audit verify',
  summary: 'Checks that no entry of the audit log was changed, removed or moved.',
  options: {},
  async run({ client, print }) {
    const { isWhole, entries, head, broken } = await client.get('/v1/audit/verify', auditVerificationSchema);
    if (broken)
      throw new Error(`${broken.message} The ${entries} before it are as they were written. (${broken.reason})`);
    print(
      isWhole && head ? `${entries} entries, as they were written. Head: ${head.number} ${head.hash}` : 'No entry yet.',
    );
  },
};
