import { createLogger } from '@everwave/temporal/logger';
import { describe, expect, it } from 'vitest';
import { type Batcher, createBatcher } from './batcher.ts';
import type { Entry } from './entry.ts';

const entry = (runId: string, seq = 1): Entry => ({
  kind: 'run',
  run: { orgId: 'org_1', runId, flowId: 'flow_1' },
  temporalRunId: 't',
  transition: { seq, at: 0, status: 'running' },
});

const setUp = (
  write: (entries: readonly Entry[]) => Promise<void>,
  options: { capacity?: number; batchSize?: number } = {},
) => {
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', level: 'warn', write: (line) => lines.push(line) });
  const batcher: Batcher = createBatcher({ write, logger, interval: 10, batchSize: 5, ...options });
  return { batcher, lines };
};

describe('the batcher', () => {
  it('gathers what comes close together, and keeps its order', async () => {
    const written: Entry[][] = [];
    const { batcher } = setUp(async (entries) => void written.push([...entries]));
    for (let index = 0; index < 4; index += 1) batcher.add(entry(`run_${index}`));
    await batcher.flush(1_000);
    expect(written.map((batch) => batch.map(({ run }) => run.runId))).toEqual([['run_0', 'run_1', 'run_2', 'run_3']]);
  });

  it('writes at once when a batch is full', async () => {
    const sizes: number[] = [];
    const { batcher } = setUp(async (entries) => void sizes.push(entries.length));
    for (let index = 0; index < 12; index += 1) batcher.add(entry(`run_${index}`));
    await batcher.flush(1_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(12);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5);
  });

  it('gathers for longer when writing takes long, so that much work needs few transactions', async () => {
    const writes = async (milliseconds: number): Promise<number> => {
      let count = 0;
      const { batcher } = setUp(
        async () => {
          count += 1;
          await new Promise((resolve) => setTimeout(resolve, milliseconds));
        },
        { batchSize: 1_000 },
      );
      for (let index = 0; index < 40; index += 1) {
        batcher.add(entry(`run_${index}`));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await batcher.flush(5_000);
      return count;
    };
    const [quick, slow] = [await writes(0), await writes(40)];
    expect(quick).toBeGreaterThan(2 * slow);
  });

  it('waits out a database that is away, and loses nothing', async () => {
    let failures = 3;
    const written: number[] = [];
    const { batcher, lines } = setUp(async (entries) => {
      if (failures > 0) {
        failures -= 1;
        throw new Error('connection refused');
      }
      written.push(...entries.map((item) => (item.kind === 'run' ? item.transition.seq : 0)));
    });
    for (let seq = 1; seq <= 7; seq += 1) batcher.add(entry('run_1', seq));
    await batcher.flush(10_000);
    expect(written).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(lines).toHaveLength(3);
  });

  it('does not let one run that can never be written stop the others', async () => {
    const written: string[] = [];
    const { batcher, lines } = setUp(async (entries) => {
      if (entries.some(({ run }) => run.runId === 'poison')) throw new Error('cannot be written');
      written.push(...entries.map(({ run }) => run.runId));
    });
    for (const runId of ['run_1', 'poison', 'run_2']) batcher.add(entry(runId));
    await batcher.flush(20_000);
    expect(written).toEqual(['run_1', 'run_2']);
    expect(lines.at(-1)).toContain('given up');
  }, 30_000);

  it('keeps no more than its capacity, and drops the oldest', async () => {
    const written: number[] = [];
    let release = () => {};
    const open = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { batcher } = setUp(
      async (entries) => {
        await open;
        written.push(...entries.map((item) => (item.kind === 'run' ? item.transition.seq : 0)));
      },
      { capacity: 6 },
    );
    for (let seq = 1; seq <= 20; seq += 1) batcher.add(entry('run_1', seq));
    expect(batcher.size()).toBeLessThanOrEqual(6);
    release();
    await batcher.flush(5_000);
    expect(written.slice(-6)).toEqual([15, 16, 17, 18, 19, 20]);
  });
});
