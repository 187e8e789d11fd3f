import { describe, expect, it } from 'vitest';
import { describeUsage, formatUsd } from './usage.ts';

const token = (meter: string, amount: number) => ({ meter, unit: 'token', amount });

describe('what a step used, in words', () => {
  it.each([
    [12.4, '$12.40'],
    [1, '$1.00'],
    [0.5, '$0.5'],
    [0.002_14, '$0.0021'],
    [0.000_000_2, '$0.0000002'],
    [0, '$0.00'],
  ])('writes %d USD as %s', (amount, text) => {
    expect(formatUsd(amount)).toBe(text);
  });

  it('names tokens, what was cached of them, and the cost', () => {
    const meters = [token('outputTokens', 310), token('inputTokens', 1204), token('cachedInputTokens', 200)];
    expect(describeUsage({ meters, costUsd: 0.002_14 })).toBe('1,204 tokens in (200 cached) · 310 out · about $0.0021');
    expect(describeUsage({ meters: [token('inputTokens', 9), token('cachedInputTokens', 0)], costUsd: null })).toBe(
      '9 tokens in',
    );
  });

  it('names meters it does not know', () => {
    const meters = [{ meter: 'feeLamports', unit: 'lamport', amount: 5000 }];
    expect(describeUsage({ meters, costUsd: null })).toBe('feeLamports 5,000 lamport');
    expect(describeUsage({ meters: [], costUsd: null })).toBeNull();
  });
});
