import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

// Whether each bench still works, with small counts on whatever machine runs the tests: the bounds are the goals of
// docs/performance.md, five times looser. Counts of events are what they are everywhere.

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const looser = 5;

const run = async <Figures extends z.ZodType>(
  args: readonly string[],
  figures: Figures,
): Promise<z.output<Figures>> => {
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { timeout: 200_000 });
  return figures.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
};

const foldersOfBenches = () => readdirSync(tmpdir()).filter((name) => name.startsWith('everwave-bench-'));
let before: readonly string[];
beforeAll(() => {
  before = foldersOfBenches();
});
afterAll(() => {
  expect(foldersOfBenches().filter((name) => !before.includes(name))).toEqual([]);
});

const positive = z.number().positive();
const lane = z.strictObject({
  idleRatio: positive,
  throughputRatio: positive,
  runsPerSecond: positive,
  idleP50Ms: positive,
});

describe('the bench', () => {
  it('compares our lanes with workflows written by hand', async () => {
    const figures = await run(
      ['engine', '--quick'],
      z.strictObject({
        durable: lane,
        express: lane,
        host: z.strictObject({ runsPerSecond: positive, timesExpress: positive }),
        eventsPerStep: positive,
        kernelMsPerStep: positive,
        maxGapMs: positive,
      }),
    );
    for (const ours of [figures.durable, figures.express]) {
      expect(ours.idleRatio).toBeLessThan(1.15 * looser);
      expect(ours.throughputRatio).toBeGreaterThan(0.9 / looser);
    }
    expect(figures.host.timesExpress).toBeGreaterThan(4 / looser);
    expect(figures.eventsPerStep).toBeLessThanOrEqual(6);
    expect(figures.kernelMsPerStep).toBeLessThan(1 * looser);
    expect(figures.maxGapMs).toBeLessThan(150 * looser);
  });

  it('loses no delivery that was acknowledged at five times the capacity', async () => {
    const figures = await run(
      ['webhook', '--quick', '--json'],
      z.object({
        api: z.object({ p95Ms: positive, serverErrorShare: z.literal(0) }),
        simpleRunP90Ms: positive,
        complexRunP90Ms: positive,
        capacityPerSecond: positive,
        overload: z.object({ acknowledged: positive, other: z.literal(0), lost: z.literal(0) }),
        sustained: z.object({ startsPerSecond: positive }),
      }),
    );
    expect(figures.api.p95Ms).toBeLessThan(200 * looser);
    expect(figures.simpleRunP90Ms).toBeLessThan(5_000 * looser);
    expect(figures.complexRunP90Ms).toBeLessThan(60_000 * looser);
  });

  it('sees what waiting runs cost, and wakes them', async () => {
    const figures = await run(
      ['waiting', '--quick', '--json'],
      z.object({ waitingRuns: positive, workerGrowthMiB: z.number(), answered: z.literal(20) }),
    );
    expect(figures.workerGrowthMiB).toBeLessThan(150 * looser);
  });

  it('goes over a long list, once each item, and ends at once when it is cancelled', async () => {
    const figures = await run(
      ['loop', '--quick', '--json'],
      z.object({
        items: z.literal(600),
        effects: z.literal(600),
        sent: z.literal(600),
        longestHistory: positive.max(4_096),
        cancelledAfterMs: positive,
        sentAfterCancel: z.literal(0),
      }),
    );
    expect(figures.cancelledAfterMs).toBeLessThan(10_000 * looser);
  });

  it('brings a large file through, exactly, and says what is too large', async () => {
    const figures = await run(
      ['large', '--quick', '--json'],
      z.object({
        isExact: z.literal(true),
        fileGrowthMiB: z.number(),
        fourFilesGrowthMiB: z.number(),
        refusal: z.string().regex(/file_too_large.*268435456/),
      }),
    );
    expect(figures.fourFilesGrowthMiB).toBeLessThan(100 * looser);
  });

  it('watches what a steady load leaves behind', async () => {
    await run(
      ['soak', '--quick', '--json'],
      z.object({
        runs: positive,
        serverErrorShare: z.literal(0),
        unfinished: z.literal(0),
        hasGrown: z.literal(false),
      }),
    );
  });

  it('hears nothing of who has an account in how long a refusal takes', async () => {
    const figures = await run(
      ['identity', '--quick', '--json'],
      z.strictObject({
        calls: z.literal(40),
        signInDifferenceMs: z.number(),
        resetDifferenceMs: z.number(),
        signInMs: positive,
        resetMs: positive,
      }),
    );
    expect(Math.abs(figures.signInDifferenceMs)).toBeLessThan(5 * looser);
    expect(Math.abs(figures.resetDifferenceMs)).toBeLessThan(5 * looser);
  });

  it('says what it does not understand, and starts nothing', async () => {
    const refused = async (...args: string[]) =>
      promisify(execFile)(process.execPath, [main, ...args]).then(
        () => 'nothing',
        (error: { stderr: string }) => error.stderr,
      );
    expect(await refused('engin')).toMatch(/There is no bench called engin\.[^]*pnpm bench <what>/);
    expect(await refused('profile', 'slow')).toContain('There is no lane called slow');
    expect(await refused('engine', '--rounds', '0')).toContain('--rounds is a whole number from 1 to 100');
    expect(await refused('soak', '10', '20')).toContain('It takes no 10 20');
  });
});
