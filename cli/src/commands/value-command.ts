import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, positional } from '../command.ts';

export const runValue: Command = {
  usage: 'run value <runId> <path> [--input] [--ordinal <n>] [--unmask] [--out <file>]',
  summary: "Writes a step's whole output, or its input, as JSON, however large it is.",
  options: {
    input: { type: 'boolean' },
    ordinal: { type: 'string' },
    unmask: { type: 'boolean' },
    out: { type: 'string' },
  },
  async run({ client, positionals, options, print }) {
    const runId = encodeURIComponent(positional(positionals, 0, 'runId'));
    const path = encodeURIComponent(positional(positionals, 1, 'path'));
    const query = new URLSearchParams({
      ...(typeof options['ordinal'] === 'string' && { ordinal: options['ordinal'] }),
      ...(options['unmask'] === true && { unmask: 'true' }),
    });
    const what = options['input'] ? 'input' : 'output';
    const value = await client.stream(
      `/v1/runs/${runId}/steps/${path}/${what}${query.size > 0 ? `?${query.toString()}` : ''}`,
    );
    const { out } = options;
    if (typeof out !== 'string') return print(await new Response(value).text());
    await pipeline(Readable.fromWeb(value as never), createWriteStream(out));
    print(`Written to ${out}.`);
  },
};
