import { randomUUID } from 'node:crypto';
import { approvalListSchema, approvalReplySchema, listApprovalsQuerySchema } from '@everwave/schema/api';
import { type Command, parseJson, positional, UsageError } from '../command.ts';
import { table } from '../format.ts';

const text = { type: 'string' } as const;
const states: readonly string[] = listApprovalsQuerySchema.shape.state.unwrap().options;
const decisions: Readonly<Record<string, 'approved' | 'rejected'>> = { approve: 'approved', reject: 'rejected' };

export const approvalsList: Command = {
  usage: 'approvals list [--state mine|open|all] [--run <runId>] [--limit <n>] [--json]',
  summary: 'Lists what runs ask people to decide; by default what waits for you.',
  options: { state: text, run: text, limit: text, json: { type: 'boolean' } },
  async run({ client, options, print }) {
    const { state, run, limit } = options;
    if (typeof state === 'string' && !states.includes(state)) {
      throw new UsageError(`Unknown state ${state}. One of: ${states.join(', ')}.`);
    }
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ state, runId: run, limit })) {
      if (typeof value === 'string') query.set(name, value);
    }
    const { items } = await client.get(`/v1/approvals?${query.toString()}`, approvalListSchema);
    if (options['json']) return print(JSON.stringify(items, null, 2));
    print(
      table([
        ['APPROVAL', 'STATUS', 'ANSWERS', 'ASKED', 'UNTIL', 'FLOW', 'QUESTION'],
        ...items.map((each) => [
          each.id,
          each.status,
          `${each.answers.length}/${each.approvalsNeeded}`,
          each.openedAt,
          each.dueAt ?? '-',
          each.flowName,
          each.subject,
        ]),
      ]),
    );
  },
};

export const approvalsAnswer: Command = {
  usage: 'approvals answer <approvalId> approve|reject [--values <json>] [--comment <text>]',
  summary: 'Approves or rejects; --values fills in the form.',
  options: { values: text, comment: text },
  async run({ client, positionals, options, print }) {
    const approvalId = positional(positionals, 0, 'approvalId');
    const word = positional(positionals, 1, 'approve|reject');
    const decision = Object.hasOwn(decisions, word) ? decisions[word] : undefined;
    if (!decision) throw new UsageError(`Unknown decision ${word}. One of: ${Object.keys(decisions).join(', ')}.`);
    const { values, comment } = options;
    const body = {
      decision,
      requestId: randomUUID(),
      ...(typeof values === 'string' ? { values: parseJson(values, 'values') } : {}),
      ...(typeof comment === 'string' ? { comment } : {}),
    };
    const path = `/v1/approvals/${encodeURIComponent(approvalId)}/answer`;
    const { status } = await client.post(path, body, approvalReplySchema);
    print(status === 'open' ? 'Taken. Others must answer too.' : `The approval is ${status}.`);
  },
};
