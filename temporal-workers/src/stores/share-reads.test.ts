import { describe, expect, it } from 'vitest';
import { shareReads } from './share-reads.ts';

const aSource = () => {
  const begun: { readonly key: string; answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const read = (key: string) =>
    new Promise<string>((answer, fail) => {
      begun.push({ key, answer, fail });
    });
  return { begun, find: shareReads(read) };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('reads that are shared', () => {
  it('gives those who ask during a read what the next one finds, and reads once for all of them', async () => {
    const { begun, find } = aSource();
    const first = find('a');
    const later = [find('a'), find('a'), find('a')];
    expect(begun).toHaveLength(1);
    begun[0]?.answer('old');
    expect(await first).toBe('old');
    await settled();
    expect(begun).toHaveLength(2);
    begun[1]?.answer('new');
    expect(await Promise.all(later)).toEqual(['new', 'new', 'new']);
  });

  it('reads anew for whoever asks when nothing is under way', async () => {
    const { begun, find } = aSource();
    for (const value of ['old', 'new']) {
      const found = find('a');
      begun.at(-1)?.answer(value);
      expect(await found).toBe(value);
    }
    expect(begun).toHaveLength(2);
  });

  it('keeps different keys apart', async () => {
    const { begun, find } = aSource();
    const both = [find('a'), find('b')];
    expect(begun.map(({ key }) => key)).toEqual(['a', 'b']);
    for (const { key, answer } of begun) answer(key);
    expect(await Promise.all(both)).toEqual(['a', 'b']);
  });

  it('tells of a failure only those who share it', async () => {
    const { begun, find } = aSource();
    const first = find('a');
    const later = find('a');
    begun[0]?.fail(new Error('the database is away'));
    await expect(first).rejects.toThrow('away');
    await settled();
    begun[1]?.answer('here');
    expect(await later).toBe('here');
    const last = find('a');
    expect(begun).toHaveLength(3);
    begun[2]?.answer('still here');
    expect(await last).toBe('still here');
  });
});
