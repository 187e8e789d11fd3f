import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { flowSchema, startedRunSchema } from '@everwave/schema/api';
import type { Client } from '../client.ts';
import { type Command, positional } from '../command.ts';
import { readRows } from '../read-rows.ts';

export const flowDeliver: Command = {
  usage: 'flow deliver <flowId> <file>',
  summary: 'Sends each row of a CSV, JSON or JSONL file to the flow’s webhook; again, it starts nothing twice.',
  options: {},
  async run({ client, positionals, print }) {
    const started = await deliverRows(client, positional(positionals, 0, 'flowId'), positional(positionals, 1, 'file'));
    for (const runId of started) print(runId);
  },
};

/** The delivery id is made from file, place and content: the same file delivered again finds its runs. Returns their ids. */
export const deliverRows = async (client: Client, flowId: string, file: string): Promise<readonly string[]> => {
  const rows = await readRows(file);
  const { triggers, name } = await client.get(`/v1/flows/${encodeURIComponent(flowId)}`, flowSchema);
  const hook = triggers.find(
    ({ kind, url, signatureRequired }) => kind === 'trigger.webhook' && url && !signatureRequired,
  );
  if (!hook?.url) {
    throw new Error(
      `"${name}" has no webhook that takes unsigned deliveries. Publish it with a webhook trigger first.`,
    );
  }
  const runIds: string[] = [];
  for (const [index, row] of rows.entries()) {
    const body = JSON.stringify(row);
    const digest = createHash('sha256').update(`${flowId} ${index} ${body}`).digest('hex').slice(0, 32);
    const response = await fetch(hook.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': `${basename(file)}-${digest}` },
      body,
    });
    if (!response.ok) {
      throw new Error(`Row ${index + 1} of ${file} was answered with ${response.status}: ${await response.text()}`);
    }
    runIds.push(startedRunSchema.parse(await response.json()).runId);
  }
  return runIds;
};
