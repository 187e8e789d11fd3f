import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runFileListSchema } from '@everwave/schema/api';
import { type Command, positional, UsageError } from '../command.ts';
import { harmless, table } from '../format.ts';

export const runFiles: Command = {
  usage: 'run files <runId> [--get <sha256> --out <file>] [--cursor <cursor>]',
  summary: 'Lists the files that a run has made, or writes one of them to a file.',
  options: { get: { type: 'string' }, out: { type: 'string' }, cursor: { type: 'string' } },
  async run({ client, positionals, options, print }) {
    const run = `/v1/runs/${encodeURIComponent(positional(positionals, 0, 'runId'))}/files`;
    const { get, out, cursor } = options;
    if (typeof get === 'string') {
      if (typeof out !== 'string') throw new UsageError('Say where it is to be written: --out <file>.');
      const content = await client.stream(`${run}/${encodeURIComponent(get)}`);
      await pipeline(Readable.fromWeb(content as never), createWriteStream(out));
      return print(`Written to ${out}.`);
    }
    const from = typeof cursor === 'string' ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const { items, nextCursor } = await client.get(`${run}?limit=100${from}`, runFileListSchema);
    if (items.length === 0) return print('The run has made no files.');
    print(
      table(
        items.map(({ name, mediaType, bytes, path, sha256 }) => [
          harmless(name),
          harmless(mediaType),
          `${bytes} bytes`,
          harmless(path),
          sha256,
        ]),
      ),
    );
    if (nextCursor !== null) print(`There are more: --cursor ${nextCursor}`);
  },
};
