import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { fileLimits, type FileValue, type Json } from '@everwave/schema/flow';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { liveBytes } from '../../../../../scripts/testing/live-bytes.ts';
import { createNodeHarness, type NodeHarness } from '../../../testing/run-node.ts';
import { request } from './activity.ts';

const pdf = randomBytes(300_000);
const mebibyte = 1_048_576;

interface Received {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A site on a real socket. */
const startSite = async () => {
  const received: Received[] = [];
  const answers: { readonly [path: string]: (response: ServerResponse) => unknown } = {
    '/bill.pdf': (response) => response.setHeader('content-type', 'application/pdf').end(pdf),
    '/named': (response) =>
      response
        .setHeader('content-disposition', `attachment; filename="x.csv"; filename*=UTF-8''f%C3%BCr%20Zo%C3%AB.csv`)
        .setHeader('content-type', 'text/csv; charset=iso-8859-1')
        .end('a;b'),
    '/plain': (response) =>
      response.setHeader('content-disposition', String.raw`attachment; filename="../a \"b\".txt"`).end('text'),
    '/wrong': (response) => response.setHeader('content-disposition', `attachment; filename*=UTF-8''%E0%A4%A`).end('x'),
    '/empty': (response) => response.writeHead(204).end(),
    '/missing': (response) => response.writeHead(404).end(JSON.stringify({ detail: 'No such bill.' })),
    '/busy': (response) => response.writeHead(503).end('x'.repeat(40 * mebibyte)),
    '/moved': (response) => response.writeHead(307, { location: '/take' }).end(),
    '/take': (response) => response.end(),
    '/cut': (response) => {
      response.writeHead(200, { 'content-length': '1000000' });
      response.write(Buffer.alloc(500_000), () => response.destroy());
    },
    '/huge': (response) => {
      const piece = Buffer.alloc(mebibyte);
      const write = (): void => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', write);
      write();
    },
  };
  const server: Server = createServer((incoming, response) => {
    void buffer(incoming).then(
      (body) => {
        const url = incoming.url ?? '';
        received.push({ url, headers: incoming.headers, body });
        (answers[url] ?? ((other: ServerResponse) => other.writeHead(404).end()))(response);
      },
      () => undefined,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, url: `http://${host}`, received, close: () => server.close() };
};

let site: Awaited<ReturnType<typeof startSite>>;
let node: NodeHarness;
beforeAll(async () => {
  site = await startSite();
});
beforeEach(() => {
  node = createNodeHarness(request, { allow: [site.host] });
  site.received.length = 0;
});
afterEach(() => node.close());
afterAll(() => site.close());

const save = async (path: string, changes: { readonly [name: string]: Json } = {}) => {
  const ending = await node.run({ url: `${site.url}${path}`, responseType: 'file', ...changes });
  if (!ending.ok) throw ending.error;
  return ending.output as { status: number; body: Json; file?: FileValue };
};
const makeFile = async (): Promise<FileValue> => {
  const { file } = await save('/bill.pdf');
  if (!file) throw new Error('No file was saved.');
  site.received.length = 0;
  return file;
};

describe('an answer that is saved as a file', () => {
  it('is a value with name, type and size, whose content is stored as it came', async () => {
    const { status, body, file } = await save('/bill.pdf');
    const sha256 = createHash('sha256').update(pdf).digest('hex');
    expect({ status, body }).toEqual({ status: 200, body: null });
    expect(file).toEqual({
      ref: `blob:${sha256}`,
      name: 'bill.pdf',
      mediaType: 'application/pdf',
      bytes: pdf.length,
      sha256,
    });
    expect(node.ports.fileRows.map(({ content }) => content.equals(pdf))).toEqual([true]);
    expect(site.received[0]?.headers.accept).toBe('*/*');
  });

  it.each([
    ['/named', {}, 'für Zoë.csv', 'text/csv; charset=iso-8859-1'],
    ['/plain', {}, 'a _b_.txt', 'application/octet-stream'],
    ['/wrong', {}, 'wrong', 'application/octet-stream'],
    ['/named', { fileName: 'orders/2026.csv' }, '2026.csv', 'text/csv; charset=iso-8859-1'],
  ])('from %s with %j is called %s', async (path, changes, name, mediaType) => {
    expect((await save(path, changes)).file).toMatchObject({ name, mediaType });
  });

  it('may be empty; HEAD has none', async () => {
    expect((await save('/empty')).file).toMatchObject({ bytes: 0 });
    expect(await save('/bill.pdf', { method: 'HEAD' })).not.toHaveProperty('file');
  });

  it('is not made of an error, which says what it would say otherwise', async () => {
    const input = (path: string) => ({ url: `${site.url}${path}`, responseType: 'file' });
    expect(await node.run(input('/missing'))).toMatchObject({
      type: 'not_found',
      message: expect.stringContaining('No such bill') as string,
    });
    expect(await node.run(input('/busy'))).toMatchObject({ type: 'server_error', retryable: true });
    expect(node.ports.fileRows).toEqual([]);
  });

  it('is not made of half an answer', async () => {
    expect(await node.run({ url: `${site.url}/cut`, responseType: 'file' })).toMatchObject({
      type: 'connection_lost',
      retryable: true,
    });
    expect(node.ports.fileRows).toEqual([]);
  });

  it('has at most 256 MiB, and little of it is in memory', async () => {
    let peak = 0;
    let bytes = 0;
    const before = liveBytes();
    let measured = 0;
    const files = {
      ...node.ports.files,
      keep: async (_use: unknown, _file: unknown, content: AsyncIterable<Uint8Array>) => {
        for await (const piece of content) {
          bytes += piece.length;
          if (bytes < measured) continue;
          measured += 32 * mebibyte;
          peak = Math.max(peak, liveBytes());
        }
        return { sha256: 'a'.repeat(64), bytes };
      },
    };
    expect(await node.run({ url: `${site.url}/huge`, responseType: 'file' }, { ports: { files } })).toMatchObject({
      type: 'file_too_large',
      retryable: false,
    });
    expect(bytes).toBeGreaterThan(fileLimits.bytes - mebibyte);
    expect(bytes).toBeLessThanOrEqual(fileLimits.bytes);
    expect(peak - before).toBeLessThan(16 * mebibyte);
  }, 60_000);
});

describe('a file that is sent', () => {
  it('is a body with its type and length', async () => {
    const file = await makeFile();
    const ending = await node.run({ method: 'PUT', url: `${site.url}/take`, bodyType: 'file', body: file });
    expect(ending.ok).toBe(true);
    const [sent] = site.received;
    expect(sent?.body.equals(pdf)).toBe(true);
    expect(sent?.headers).toMatchObject({ 'content-type': 'application/pdf', 'content-length': String(pdf.length) });
    expect(sent?.headers['transfer-encoding']).toBeUndefined();
  });

  it('is sent once more where a redirect asks for it', async () => {
    const body = await makeFile();
    const ending = await node.run({
      method: 'PUT',
      url: `${site.url}/moved`,
      bodyType: 'file',
      body,
      followRedirects: true,
    });
    expect(ending.ok).toBe(true);
    expect(site.received.map(({ url, body: sent }) => [url, sent.equals(pdf)])).toEqual([
      ['/moved', true],
      ['/take', true],
    ]);
  });

  it('is a part of a form, with fields and other files', async () => {
    const file = await makeFile();
    const ending = await node.run({
      method: 'PUT',
      url: `${site.url}/take`,
      bodyType: 'multipart',
      headers: { 'content-type': 'multipart/form-data' },
      body: { note: 'für "Ada"', count: 7, 'a"b': 'x', files: [file, { ...file, name: 'copy.pdf' }] },
    });
    expect(ending.ok).toBe(true);
    const [sent] = site.received;
    expect(sent?.headers['content-length']).toBe(String(sent?.body.length));
    const form = await new Response(Uint8Array.from(sent?.body ?? []), {
      headers: { 'content-type': String(sent?.headers['content-type']) },
    }).formData();
    expect([form.get('note'), form.get('count'), form.get('a"b')]).toEqual(['für "Ada"', '7', 'x']);
    const files = form.getAll('files') as File[];
    expect(files.map(({ name, type, size }) => [name, type, size])).toEqual([
      ['bill.pdf', 'application/pdf', pdf.length],
      ['copy.pdf', 'application/pdf', pdf.length],
    ]);
    for (const part of files) expect(Buffer.from(await part.arrayBuffer()).equals(pdf)).toBe(true);
  });

  it.each([
    ['file', 'no file', 'a file that a step'],
    ['file', { name: 'a.pdf' }, 'a file that a step'],
    ['multipart', { file: { name: 'a.pdf' } }, 'strings and files'],
    ['multipart', { file: [[1]] }, 'strings and files'],
    ['multipart', 'text', 'strings and files'],
  ])('as %s cannot be %j', async (bodyType, body, message) => {
    const input = { method: 'POST', url: `${site.url}/take`, bodyType, body };
    expect(await node.run(input)).toMatchObject({
      type: 'invalid_body',
      message: expect.stringContaining(message) as string,
    });
    expect(site.received).toEqual([]);
  });

  it('that another run has is not sent, nor one of another size; nothing is unsure then', async () => {
    const file = await makeFile();
    const strange = { ...file, ref: `blob:${'b'.repeat(64)}`, sha256: 'b'.repeat(64) };
    for (const body of [strange, { ...file, bytes: 1 }]) {
      for (const [bodyType, sent] of [
        ['file', body],
        ['multipart', { file: body }],
      ] as const) {
        const ending = await node.run(
          { method: 'POST', url: `${site.url}/take`, bodyType, body: sent },
          { request: { path: `send_${bodyType}_${body.bytes}` } },
        );
        expect(ending).toMatchObject({ ok: false, type: 'invalid_body', retryable: false });
      }
    }
    expect(site.received).toEqual([]);
  });
});
