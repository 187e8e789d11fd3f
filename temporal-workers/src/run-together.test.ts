import { describe, expect, it } from 'vitest';
import { type Runnable, runTogether, shutDownAll, stateOf } from './run-together.ts';

const aWorker = (): Runnable & { readonly fail: (error: Error) => void } => {
  let state = 'INITIALIZED';
  let end = (): void => {};
  let breakDown = (_error: Error): void => {};
  const life = new Promise<void>((resolve, reject) => {
    end = resolve;
    breakDown = reject;
  });
  return {
    run: () => {
      state = 'RUNNING';
      return life;
    },
    shutdown: () => {
      state = 'STOPPED';
      end();
    },
    getState: () => state,
    fail: (error) => {
      state = 'FAILED';
      breakDown(error);
    },
  };
};

describe('workers that run together', () => {
  it('run until they are shut down, all of them', async () => {
    const workers = [aWorker(), aWorker()];
    const running = runTogether(workers);
    expect(stateOf(workers)).toBe('RUNNING');
    shutDownAll(workers);
    await running;
    expect(workers.map((worker) => worker.getState())).toEqual(['STOPPED', 'STOPPED']);
  });

  it('end together when one fails, with its error', async () => {
    const [broken, healthy] = [aWorker(), aWorker()];
    const running = runTogether([healthy, broken]);
    broken.fail(new Error('poll failed'));
    expect(stateOf([healthy, broken])).toBe('FAILED');
    await expect(running).rejects.toThrow('poll failed');
    expect(healthy.getState()).toBe('STOPPED');
  });
});
