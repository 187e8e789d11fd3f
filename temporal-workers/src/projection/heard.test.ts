import { describe, expect, it } from 'vitest';
import { createMemory } from './heard.ts';

describe('what a worker has heard of a run', () => {
  it('is new, goes on, or comes again: by run and by Temporal run', () => {
    const memory = createMemory();
    expect(memory.hear('temporal-1', 'run_1', 1, 4)).toBe('first');
    expect(memory.hear('temporal-1', 'run_1', 5, 5)).toBe('further');
    // A host counts for each of its runs.
    expect(memory.hear('temporal-1', 'run_2', 1, 2)).toBe('first');
    expect(memory.hear('temporal-1', 'run_1', 5, 6)).toBe('again');
    expect(memory.hear('temporal-1', 'run_1', 7, 7)).toBe('further');
    expect(memory.hear('temporal-2', 'run_1', 8, 8)).toBe('first');
  });

  it('counts from where the task that was executed last has come to', () => {
    const memory = createMemory();
    memory.hear('temporal-1', 'run_1', 1, 9);
    expect(memory.hear('temporal-1', 'run_1', 3, 4)).toBe('again');
    expect(memory.hear('temporal-1', 'run_1', 5, 6)).toBe('further');
  });

  it('is kept of those that were heard of last', () => {
    const memory = createMemory(2);
    memory.hear('temporal-1', 'run_1', 1, 1);
    memory.hear('temporal-2', 'run_2', 1, 1);
    memory.hear('temporal-1', 'run_1', 2, 2);
    memory.hear('temporal-3', 'run_3', 1, 1);
    expect(memory.hear('temporal-1', 'run_1', 2, 3)).toBe('again');
    expect(memory.hear('temporal-2', 'run_2', 1, 1)).toBe('first');
  });
});
