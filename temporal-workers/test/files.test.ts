import { createHash, randomBytes } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { openFileInfo, shareBlobs } from '@everwave/temporal/values';
import { eq, like } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { liveBytes } from '../../scripts/testing/live-bytes.ts';
import { removeUnusedBlobs } from '../src/reconciler/remove-unused-blobs.ts';
import { createFileStore } from '../src/stores/file-store.ts';
import { createHarness, type Harness } from './harness.ts';

const { blobParts, blobs, blobUses } = tables;
const mebibyte = 1_048_576;
const day = 86_400_000;
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities: () => ({}) });
});
afterAll(() => harness.close());

const runId = `run_${'a'.repeat(32)}`;
const outermostRunId = `run_${'b'.repeat(32)}`;
const use = (name: string, changes = {}) => ({
  orgId: harness.orgId,
  runId,
  outermostRunId: runId,
  path: 'make',
  ordinal: 1,
  name,
  ...changes,
});
/** Bytes that come in pieces of an odd size. */
async function* piecesOf(content: Buffer, size = 100_003): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}
const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const collect = async (content: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.from(await new Response(ReadableStream.from(content)).arrayBuffer());
const unfinished = () =>
  withSystem(harness.db, (tx) => tx.select().from(blobs).where(like(blobs.sha256, 'unfinished:%')));
const file = { name: 'data.bin', mediaType: 'application/octet-stream' };

describe('a file that is stored as it comes', () => {
  it.each([0, 1, mebibyte, 8 * mebibyte - 1, 8 * mebibyte, 8 * mebibyte + 1, 20 * mebibyte + 7])(
    'of %i bytes is the same when it is read',
    async (size) => {
      const content = randomBytes(size);
      const store = createFileStore(harness.db, harness.ring);
      const kept = await store.keep(use(`file:${size}`), file, piecesOf(content));
      expect(kept).toEqual({ sha256: hashOf(content), bytes: size });
      const opened = await store.open(use(''), kept.sha256);
      expect(opened?.bytes).toBe(size);
      expect(hashOf(await collect(opened?.content ?? piecesOf(Buffer.of())))).toBe(kept.sha256);
      expect(await unfinished()).toEqual([]);
    },
  );

  it('has sealed parts, and a sealed name', async () => {
    const canary = randomBytes(12).toString('hex');
    const store = createFileStore(harness.db, harness.ring);
    const { sha256 } = await store.keep(
      use('file:canary'),
      { name: `${canary}.txt`, mediaType: 'text/plain' },
      piecesOf(Buffer.from(canary.repeat(1000))),
    );
    const [row] = await withSystem(harness.db, (tx) => tx.select().from(blobUses).where(eq(blobUses.sha256, sha256)));
    const parts = await withSystem(harness.db, (tx) => tx.select().from(blobParts).where(eq(blobParts.sha256, sha256)));
    expect(parts).toHaveLength(1);
    for (const sealed of [row?.fileSealed, parts[0]?.sealed]) {
      expect(Buffer.from(sealed ?? []).length).toBeGreaterThan(0);
      expect(Buffer.from(sealed ?? []).includes(canary)).toBe(false);
    }
    expect(await openFileInfo(harness.ring, { orgId: harness.orgId, sha256 }, row?.fileSealed ?? Buffer.of())).toEqual({
      name: `${canary}.txt`,
      mediaType: 'text/plain',
      bytes: canary.length * 1000,
    });
  });

  it('is stored once, whichever way it came and whoever has it', async () => {
    const content = randomBytes(9 * mebibyte);
    const store = createFileStore(harness.db, harness.ring);
    const first = await store.keep(use('file:one'), file, piecesOf(content));
    const second = await store.keep(use('file:two'), { ...file, name: 'other.bin' }, piecesOf(content, 7_001));
    expect(second).toEqual(first);
    const parts = await withSystem(harness.db, (tx) =>
      tx.select({ part: blobParts.part }).from(blobParts).where(eq(blobParts.sha256, first.sha256)),
    );
    expect(parts).toHaveLength(9);
  });

  it('leaves nothing behind when its source breaks, and closes it', async () => {
    let isClosed = false;
    async function* broken(): AsyncIterable<Uint8Array> {
      try {
        for (let part = 0; part < 12; part += 1) yield randomBytes(mebibyte);
        throw new Error('the source broke');
      } finally {
        isClosed = true;
      }
    }
    const before = await withSystem(harness.db, (tx) => tx.$count(blobParts));
    const store = createFileStore(harness.db, harness.ring);
    await expect(store.keep(use('file:broken'), file, broken())).rejects.toThrow('the source broke');
    expect(isClosed).toBe(true);
    expect(await withSystem(harness.db, (tx) => tx.$count(blobParts))).toBe(before);
    expect(await unfinished()).toEqual([]);
  });

  it('of 48 MiB needs little memory', async () => {
    const piece = randomBytes(64 * 1024);
    const total = 48 * mebibyte;
    let peak = 0;
    let number = 0;
    async function* large(): AsyncIterable<Uint8Array> {
      for (let given = 0; given < total; given += piece.length) {
        piece.writeUInt32BE(number);
        if ((number += 1) % 128 === 1) peak = Math.max(peak, liveBytes());
        yield Buffer.from(piece);
      }
    }
    const before = liveBytes();
    const store = createFileStore(harness.db, harness.ring);
    const { bytes, sha256 } = await store.keep(use('file:large'), file, large());
    expect(bytes).toBe(total);
    expect(peak - before).toBeLessThan(24 * mebibyte);
    const hash = createHash('sha256');
    const opened = await store.open(use(''), sha256);
    for await (const part of opened?.content ?? []) {
      hash.update(part);
      if ((number += 1) % 128 === 1) peak = Math.max(peak, liveBytes());
    }
    expect(hash.digest('hex')).toBe(sha256);
    expect(peak - before).toBeLessThan(24 * mebibyte);
  }, 120_000);
});

describe('who has a file', () => {
  const content = () => piecesOf(Buffer.from('the content'));
  const sha256 = hashOf(Buffer.from('the content'));
  const sibling = `run_${'c'.repeat(32)}`;
  const stranger = `run_${'d'.repeat(32)}`;
  const fork = `run_${'e'.repeat(32)}`;
  const runsWith = async () =>
    (await withSystem(harness.db, (tx) => tx.select().from(blobUses).where(eq(blobUses.sha256, sha256))))
      .map((row) => `${row.runId} ${row.path} ${row.name} ${row.fileSealed ? 'made' : 'opened'}`)
      .toSorted();
  const removeUnused = () => removeUnusedBlobs(harness.db, { grace: 7 * day, limit: 100 }, Date.now() + 30 * day);
  const isStored = async () => (await withSystem(harness.db, (tx) => tx.$count(blobs, eq(blobs.sha256, sha256)))) === 1;

  it('is its run, the outermost one, and whoever opened it in there', async () => {
    const store = createFileStore(harness.db, harness.ring);
    await store.keep(use('file:1', { outermostRunId }), file, content());
    expect(await store.open(use('', { runId: stranger, outermostRunId: stranger }), sha256)).toBeNull();
    expect(await store.open(use('', { orgId: `org_${'9'.repeat(32)}` }), sha256)).toBeNull();
    const opened = await store.open(use('', { runId: sibling, outermostRunId, path: 'read' }), sha256);
    expect(String(await collect(opened?.content ?? content()))).toBe('the content');
    expect(await runsWith()).toEqual([
      `${runId} make file:1 made`,
      `${outermostRunId} ${runId}/make file:1 made`,
      `${sibling} read opened:${sha256} opened`,
    ]);
  });

  it('is a fork as well, and the content stays while one of them is there', async () => {
    await shareBlobs(harness.db, harness.orgId, { from: outermostRunId, to: fork });
    const store = createFileStore(harness.db, harness.ring);
    expect(await store.open(use('', { runId: fork, outermostRunId: fork }), sha256)).toMatchObject({ bytes: 11 });
    // None of these runs is there: all of it is removed. What is not run yet has its grace.
    expect(await isStored()).toBe(true);
    await removeUnused();
    await removeUnused();
    expect(await runsWith()).toEqual([]);
    await removeUnusedBlobs(harness.db, { grace: 7 * day, limit: 100 }, Date.now() + 60 * day);
    expect(await isStored()).toBe(false);
  });

  it('an attempt again replaces what the earlier one made', async () => {
    const store = createFileStore(harness.db, harness.ring);
    for (const text of ['earlier', 'later']) await store.keep(use('file:again'), file, piecesOf(Buffer.from(text)));
    const rows = await withSystem(harness.db, (tx) =>
      tx.select().from(blobUses).where(eq(blobUses.name, 'file:again')),
    );
    expect(rows.map((row) => row.sha256)).toEqual([hashOf(Buffer.from('later'))]);
  });
});
