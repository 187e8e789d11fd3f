import { defineNode } from '@everwave/schema/node';
import { fileLimits, fileSchema, type FileValue } from '@everwave/schema/flow';
import * as z from 'zod';
import { afterEach, describe, expect, it } from 'vitest';
import { activityInput, createNodeHarness, orgId } from '../testing/run-node.ts';
import { implementNode, type NodeBody } from './implement-node.ts';
import { ConnectionLost, StoreUnavailable } from './node-errors.ts';

const definition = defineNode({
  kind: 'sample.file',
  version: 1,
  title: 'Sample',
  summary: 'Makes and reads files.',
  effect: 'reads',
  credential: null,
  input: z.strictObject({ file: fileSchema.optional() }),
  output: z.strictObject({ file: fileSchema.optional(), text: z.string().optional() }),
  failures: {},
  activity: {
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '1m',
    retry: {
      initialInterval: '1s',
      maximumInterval: '1s',
      maximumAttempts: 3,
      nonRetryableErrorTypes: [],
    },
  },
  idempotency: { by: 'nature' },
  meters: {},
  examples: [{ title: 'Nothing', input: {}, output: {} }],
});

const harnesses: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(harnesses.splice(0).map((harness) => harness.close())));
const createSample = (run: NodeBody<typeof definition>['run']) => {
  const harness = createNodeHarness(implementNode(definition, { run }));
  harnesses.push(harness);
  return harness;
};

describe('files of a step', () => {
  it('are made of bytes, or of what comes, and are values', async () => {
    const node = createSample(async (step) => {
      await step.files.create({ name: 'a.txt', mediaType: 'text/plain' }, Buffer.from('one'));
      async function* pieces() {
        yield Buffer.from('tw');
        yield Buffer.from('o');
      }
      return { file: await step.files.create({ name: '../b\r\n.txt', mediaType: 'nonsense' }, pieces()) };
    });
    const ending = await node.run({});
    expect(ending).toMatchObject({
      ok: true,
      output: { file: { name: 'b.txt', mediaType: 'application/octet-stream', bytes: 3 } },
    });
    const { runId } = activityInput(null);
    expect(node.ports.fileRows.map(({ use, file, content }) => [use, file.name, content.toString()])).toEqual([
      [{ orgId, runId, outermostRunId: runId, path: 'send', ordinal: 1, name: 'file:1' }, 'a.txt', 'one'],
      [{ orgId, runId, outermostRunId: runId, path: 'send', ordinal: 1, name: 'file:2' }, 'b.txt', 'two'],
    ]);
  });

  it('have at most 256 MiB: what comes beyond is not read', async () => {
    const piece = Buffer.alloc(16 * 1024 * 1024);
    let given = 0;
    let isClosed = false;
    const node = createSample(async (step) => {
      async function* endless() {
        try {
          for (;;) {
            given += piece.length;
            yield piece;
          }
        } finally {
          isClosed = true;
        }
      }
      return { file: await step.files.create({ name: 'endless', mediaType: null }, endless()) };
    });
    // The content is counted, not kept.
    const files = {
      ...node.ports.files,
      keep: async (_use: unknown, _file: unknown, content: AsyncIterable<Uint8Array>) => {
        let bytes = 0;
        for await (const part of content) bytes += part.length;
        return { sha256: 'a'.repeat(64), bytes };
      },
    };
    expect(await node.run({}, { ports: { files } })).toMatchObject({
      ok: false,
      type: 'file_too_large',
      retryable: false,
      message: `The file "endless" has more than ${fileLimits.bytes} bytes.`,
    });
    expect(given).toBe(fileLimits.bytes + piece.length);
    expect(isClosed).toBe(true);
  });

  it('fail as their source does, also where the store takes that for its own trouble', async () => {
    const node = createSample(async (step) => {
      async function* broken() {
        yield Buffer.from('a');
        throw new ConnectionLost('The site closed the connection.', { cause: { code: 'ECONNRESET' } });
      }
      return { file: await step.files.create({ name: 'a', mediaType: null }, broken()) };
    });
    const files = {
      ...node.ports.files,
      keep: (...values: Parameters<typeof node.ports.files.keep>) =>
        node.ports.files.keep(...values).catch(() => Promise.reject(new StoreUnavailable('The store is away.'))),
    };
    expect(await node.run({}, { ports: { files } })).toMatchObject({ ok: false, type: 'connection_lost' });
  });

  const read = async (step: Parameters<NodeBody<typeof definition>['run']>[0], file: FileValue) => {
    const { content } = await step.files.open(file);
    return new Response(ReadableStream.from(content)).text();
  };

  it('are opened by the run that has them, and by those in and around it, and by no other', async () => {
    const node = createSample(async (step, { file }) =>
      file
        ? { text: await read(step, file) }
        : { file: await step.files.create({ name: 'a.txt', mediaType: 'text/plain' }, Buffer.from('one')) },
    );
    const made = await node.run({});
    const given = made.ok ? made.output : null;
    expect(await node.run(given)).toMatchObject({ ok: true, output: { text: 'one' } });
    const other = `run_${'2'.repeat(32)}`;
    const { runId: outermostRunId } = activityInput(null);
    expect(await node.run(given, { request: { runId: other, outermostRunId } })).toMatchObject({ ok: true });
    for (const request of [{ runId: other, outermostRunId: other }, { orgId: `org_${'2'.repeat(32)}` }]) {
      expect(await node.run(given, { request })).toMatchObject({
        ok: false,
        type: 'file_missing',
        retryable: false,
        details: { advice: expect.stringContaining('a step of this run') as string },
      });
    }
  });

  it('are refused where something else is given', async () => {
    const node = createSample(async () => ({}));
    for (const file of ['/etc/passwd', { name: 'a' }, { ref: 'blob:1', name: 'a', mediaType: 'a/b', bytes: 1 }]) {
      expect(await node.run({ file })).toMatchObject({ ok: false, type: 'invalid_input' });
    }
  });
});
