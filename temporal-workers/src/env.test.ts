import { describe, expect, it } from 'vitest';
import { readEnvironment } from './env.ts';
import { allQueues } from './queues.ts';

describe('readEnvironment', () => {
  it('needs a database, and has a default for everything else', () => {
    expect(readEnvironment({ DATABASE_URL: 'postgres://user@127.0.0.1:5439/everwave' })).toEqual({
      databaseUrl: 'postgres://user@127.0.0.1:5439/everwave',
      temporal: { address: '127.0.0.1:7233', namespace: 'everwave', apiKey: null, tls: null },
      masterKeys: { secretKey: undefined, secretKeyFile: undefined, previous: [] },
      host: '127.0.0.1',
      port: 3002,
      webUrl: null,
      egressAllow: [],
      modelsFile: null,
      queues: allQueues(),
      drainTime: '20s',
      blobGrace: 604_800_000,
      cachedRuns: 500,
      metricsToken: null,
      isTracing: false,
      logLevel: 'info',
    });
  });

  it('reads lists', () => {
    const environment = readEnvironment({
      DATABASE_URL: 'postgres://u@h/d',
      EVERWAVE_EGRESS_ALLOW: '127.0.0.1:3004, 127.0.0.1:3005',
      EVERWAVE_SECRET_KEYS_PREVIOUS: 'a,b',
      EVERWAVE_WORKER_QUEUES: 'code:3',
      EVERWAVE_MODELS_FILE: '/etc/everwave/models.yaml',
    });
    expect(environment.modelsFile).toBe('/etc/everwave/models.yaml');
    expect(environment.egressAllow).toEqual(['127.0.0.1:3004', '127.0.0.1:3005']);
    expect(environment.queues).toEqual([{ name: 'code', stepsAtOnce: 3 }]);
    expect(environment.masterKeys.previous).toEqual(['a', 'b']);
  });

  it('keeps as many runs in memory as it is told, and no fewer than go on at once', () => {
    const cachedRuns = (text: string) =>
      readEnvironment({
        DATABASE_URL: 'postgres://u@h/d',
        EVERWAVE_WORKER_CACHED_RUNS: text,
      }).cachedRuns;
    expect(cachedRuns('')).toBe(500);
    expect(cachedRuns('2000')).toBe(2_000);
    expect(() => cachedRuns('39')).toThrow(/EVERWAVE_WORKER_CACHED_RUNS: A worker keeps at least 40 runs/);
    expect(() => cachedRuns('1.5')).toThrow(/EVERWAVE_WORKER_CACHED_RUNS: Write a whole number/);
    expect(() => cachedRuns('many')).toThrow(/EVERWAVE_WORKER_CACHED_RUNS: Write a number of runs/);
  });

  it('lists everything that is wrong in one go', () => {
    const read = () =>
      readEnvironment({
        DATABASE_URL: 'mysql://x',
        EVERWAVE_WORKER_PORT: 'x',
        EVERWAVE_WORKER_QUEUES: 'x',
        EVERWAVE_WORKER_CACHED_RUNS: 'x',
        EVERWAVE_LOG_LEVEL: 'loud',
      });
    expect(read).toThrow(
      /DATABASE_URL[^]*EVERWAVE_WORKER_PORT[^]*EVERWAVE_WORKER_QUEUES[^]*EVERWAVE_WORKER_CACHED_RUNS[^]*EVERWAVE_LOG_LEVEL/,
    );
  });
});
