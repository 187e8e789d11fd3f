import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, positional } from '../command.ts';

export const runValue: Command = {
  usage: 'run value <runId> <path> [--input] [--ordinal <n>] [--out <file>]',
  summary: "Writes a step's whole output, or its input, as JSON, however large it is.",
  options: { input: { type: 'boolean' }, ordinal: { type: 'string' }, out: { type: 'string' } },
  async run({ client, positionals, options, print }) {
    const runId = encodeURIComponent(positional(positionals, 0, 'runId'));
    const path = encodeURIComponent(positional(positionals, 1, 'path'));
    const query = typeof options['ordinal'] === 'string' ? `?ordinal=${encodeURIComponent(options['ordinal'])}` : '';
    const what = options['input'] ? 'input' : 'output';
    const value = await client.stream(`/v1/runs/${runId}/steps/${path}/${what}${query}`);
    const { out } = options;
    if (typeof out !== 'string') return print(await new Response(value).text());
    await pipeline(Readable.fromWeb(value as never), createWriteStream(out));
    print(`Written to ${out}.`);
  },
};
