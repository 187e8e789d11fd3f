import { createHash, randomBytes } from 'node:crypto';
import type { FileValue } from '@everwave/schema/flow';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { createNodeHarness, type NodeHarness, orgId, type RunOptions } from '../../../testing/run-node.ts';
import { run } from './activity.ts';

const runId = 'run_00000000000000000000000000000001';
let sandbox: Sandbox;
let node: NodeHarness;
beforeAll(() => {
  sandbox = createSandbox({ places: 2 });
});
beforeEach(() => {
  node = createNodeHarness(run, { sandbox });
  return () => node.close();
});
afterAll(() => sandbox.close());

/** A file of the run, as an earlier step has made it. */
const give = (content: Uint8Array, { ofRun = runId } = {}): FileValue => {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const file = { name: 'bill.csv', mediaType: 'text/csv' };
  const use = { orgId, runId: ofRun, outermostRunId: ofRun, path: 'fetch', ordinal: 1, name: 'file:1' };
  node.ports.fileRows.push({ use, file, sha256, content: Buffer.from(content) });
  return { ref: `blob:${sha256}`, ...file, bytes: content.length, sha256 };
};
const start = (code: string, input: object = {}, more: object = {}, options: RunOptions = {}) =>
  node.run({ code, input: { ...input }, timeoutSeconds: 20, ...more } as never, options);
const result = async (code: string, input: object = {}, more: object = {}): Promise<unknown> => {
  const ending = await start(code, input, more);
  if (!ending.ok) throw ending.error;
  return (ending.output as { result: unknown }).result;
};
const made = () => node.ports.fileRows.filter(({ use }) => use.path === 'send');

describe('code reads', () => {
  it('a file as text and as bytes', async () => {
    const file = give(Buffer.from('name;total\nZoë;12.5\n'));
    const code = `const text = await files.readText(input.file);
      const bytes = await files.readBytes(input.file);
      return { text, length: bytes.length, first: bytes[0], kind: bytes.constructor.name };`;
    expect(await result(code, { file })).toEqual({
      text: 'name;total\nZoë;12.5\n',
      length: 21,
      first: 110,
      kind: 'Uint8Array',
    });
  });

  it('every byte of a file of several megabytes, and an empty one', async () => {
    const content = randomBytes(5_000_001);
    const file = give(content);
    const empty = give(Buffer.alloc(0));
    const code = `const bytes = await files.readBytes(input.file);
      let sum = 0;
      for (let i = 0; i < bytes.length; i += 997) sum = (sum * 31 + bytes[i]) % 1000003;
      return [bytes.length, sum, await files.readText(input.empty)];`;
    let sum = 0;
    for (let at = 0; at < content.length; at += 997) sum = (sum * 31 + (content[at] ?? 0)) % 1_000_003;
    expect(await result(code, { file, empty })).toEqual([content.length, sum, '']);
  });

  it('several at once', async () => {
    const all = ['a', 'b', 'c'].map((text) => give(Buffer.from(text.repeat(1_500_000))));
    const code = 'return (await Promise.all(input.all.map(files.readText))).map((text) => text[0] + text.length)';
    expect(await result(code, { all })).toEqual(['a1500000', 'b1500000', 'c1500000']);
  });

  it('no file of another run, and none that it makes up', async () => {
    const foreign = give(Buffer.from('secret'), { ofRun: 'run_00000000000000000000000000000002' });
    const code = `const told = [];
      for (const file of [input.foreign, { ...input.foreign, sha256: 'f'.repeat(64) }, { name: 'x', sha256: '../../etc/passwd' }]) {
        try { told.push(await files.readText(file)) } catch (error) { told.push([error.name, error.code]) }
      }
      return told`;
    expect(await result(code, { foreign })).toEqual(Array(3).fill(['FileError', 'refused']));
    const ending = await start('return await files.readText(input.foreign)', { foreign });
    expect(ending).toMatchObject({ ok: false, type: 'file_refused', retryable: false });
    expect(ending.ok ? '' : ending.message).toContain('This run has no file "bill.csv"');
  });

  it('no text from what is none, and nothing that is no file', async () => {
    const file = give(new Uint8Array([0xff, 0xfe, 0x00]));
    const code = `const told = [];
      for (const read of [() => files.readText(input.file), () => files.readText('x'), () => files.readBytes(null), () => files.readText({})]) {
        try { told.push(await read()) } catch (error) { told.push(error.name) }
      }
      return told`;
    expect(await result(code, { file })).toEqual(['FileError', 'TypeError', 'TypeError', 'TypeError']);
  });

  it('no more than its memory limit, and says so before anything is loaded', async () => {
    const file = { ...give(Buffer.from('x')), name: 'large.bin' };
    const [row] = node.ports.fileRows;
    const large = { ...node.ports.files, open: async () => ({ bytes: 40_000_000, content: ReadableStream.from([]) }) };
    expect(row).toBeDefined();
    const code = 'try { await files.readBytes(input.file) } catch (error) { return [error.code, error.message] }';
    const ending = await start(code, { file }, { memoryMegabytes: 32 }, { ports: { files: large } });
    expect(ending).toMatchObject({
      ok: true,
      output: { result: ['limit', expect.stringMatching(/has 40000000 bytes; the code may read 33554432 more/)] },
    });
  });

  it('what does not fit beside what it has, as out of memory; its worker and the next code go on', async () => {
    const file = give(randomBytes(20_000_000));
    const code = `const kept = [];
      for (let i = 0; i < 36; i++) kept.push(new Uint8Array(1_500_000).fill(i));
      console.log('all kept');
      kept.push(await files.readBytes(input.file));
      return kept.length`;
    const ending = await start(code, { file }, { memoryMegabytes: 32 });
    expect(ending).toMatchObject({ ok: false, type: 'out_of_memory', message: expect.stringContaining('all kept') });
    expect(await result('return 1')).toBe(1);
  });

  it('no more than twenty files', async () => {
    const file = give(Buffer.from('x'));
    const code = `let read = 0;
      try { for (;;) { await files.readText(input.file); read++ } } catch (error) { return [read, error.code] }`;
    expect(await result(code, { file })).toEqual([20, 'limit']);
  });
});

describe('code makes', () => {
  it('a file of text or of bytes, which is stored and given as a value', async () => {
    const code = `const text = await files.create({ name: 'sum.csv', mediaType: 'text/csv' }, 'Zoë;12.5');
      const bytes = await files.create({ name: 'a.bin' }, new Uint8Array([1, 2, 3, 255]).subarray(1));
      return { text, bytes }`;
    const sha256 = createHash('sha256').update('Zoë;12.5').digest('hex');
    expect(await result(code)).toMatchObject({
      text: { ref: `blob:${sha256}`, name: 'sum.csv', mediaType: 'text/csv', bytes: 9, sha256 },
      bytes: { name: 'a.bin', mediaType: 'application/octet-stream', bytes: 3 },
    });
    expect(made().map(({ content }) => content.toString('hex'))).toEqual([
      Buffer.from('Zoë;12.5').toString('hex'),
      '0203ff',
    ]);
  });

  it('one of several megabytes, part by part, from what it has read', async () => {
    const content = randomBytes(7_000_003);
    const file = give(content);
    const code = "return files.create({ name: 'copy.bin' }, await files.readBytes(input.file))";
    expect(await result(code, { file })).toMatchObject({ bytes: content.length, sha256: file.sha256 });
    expect(made()[0]?.content.equals(content)).toBe(true);
  });

  it('names that are safe, wherever they would lead', async () => {
    const code = "return (await files.create({ name: '../../etc/pass\\u0000wd', mediaType: 'no type' }, 'x'))";
    expect(await result(code)).toMatchObject({ name: 'passwd', mediaType: 'application/octet-stream' });
  });

  it('nothing of what is no content', async () => {
    const code = `const told = [];
      for (const make of [() => files.create({ name: 'a' }, 1), () => files.create({ name: 'a' }, { length: 9 }), () => files.create('a', 'x'), () => files.create({ name: 1 }, 'x')]) {
        try { told.push(await make()) } catch (error) { told.push(error.name) }
      }
      return told`;
    expect(await result(code)).toEqual(Array(4).fill('TypeError'));
    expect(made()).toEqual([]);
  });

  it('no more than its memory limit altogether, and no more than twenty', async () => {
    const code = `let files1 = 0;
      try { for (;;) { await files.create({ name: 'a' }, 'x'); files1++ } } catch (error) { return [files1, error.code] }`;
    expect(await result(code)).toEqual([20, 'limit']);
    const large = `const bytes = new Uint8Array(6_000_000); let made = 0;
      try { for (;;) { await files.create({ name: 'a' }, bytes); made++ } } catch (error) { return [made, error.code] }`;
    expect(await result(large, {}, { memoryMegabytes: 32 })).toEqual([5, 'limit']);
  });

  it('no file that it does not wait for', async () => {
    const code = "files.create({ name: 'a' }, 'x'.repeat(3_000_000)); return 1";
    expect(await result(code)).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(made()).toEqual([]);
    expect(await result("return (await files.create({ name: 'b' }, 'y')).bytes")).toBe(1);
  });
});

describe('files are no way out', () => {
  it.each([
    ['no path is taken', "return await files.readText('/etc/passwd').catch((error) => error.name)", 'TypeError'],
    ['nothing else stands beside them', 'return Object.keys(files).sort()', ['create', 'readBytes', 'readText']],
    [
      'they lead to nothing of the worker',
      'return [files.create.constructor("return typeof process")(), Object.getPrototypeOf(files) === Object.prototype]',
      ['undefined', true],
    ],
    [
      'changed built-ins change nothing for others',
      `ArrayBuffer.prototype.slice = () => 'x'; Uint8Array.prototype.constructor = null; Promise.prototype.then = undefined;
       return (await (async () => (await files.create({ name: 'a' }, 'x')).bytes)())`,
      1,
    ],
    [
      'getters on what is given are called in the sandbox',
      `let seen = 0; const file = { get name() { seen++; return 'a' }, get sha256() { seen++; return 'f'.repeat(64) } };
       try { await files.readText(file) } catch { return seen }`,
      2,
    ],
  ])('%s', async (_what, code, expected) => {
    expect(await result(code)).toEqual(expected);
  });
});
