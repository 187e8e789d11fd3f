import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePlaces, freeInFlow, freeInOrg, type LimitRow, type RunUsage, toRunLimits } from './run-limits.ts';

const row = (subject: string, limit: Partial<LimitRow>): LimitRow => ({
  subject,
  atOnce: null,
  rateCount: null,
  rateSeconds: null,
  whenFull: null,
  ...limit,
});
const usage = (running: Record<string, number>, begun: Record<string, number> = {}, seconds = 60): RunUsage => ({
  running: new Map(Object.entries(running)),
  begun: new Map([[seconds, new Map(Object.entries(begun))]]),
});
const waiting = (counts: Record<string, number>) =>
  new Map(
    Object.entries(counts).map(([flow, count]) => [
      flow,
      Array.from({ length: count }, (_, index) => `${flow}${index}`),
    ]),
  );

describe('places', () => {
  it('are as many as the flow, or else what holds for each flow, allows', () => {
    const limits = toRunLimits([row('a', { atOnce: 3 }), row('each_flow', { atOnce: 1 })]);
    expect(choosePlaces(limits, usage({ a: 1 }), waiting({ a: 5, b: 5 }))).toEqual(['b0', 'a0', 'a1']);
  });

  it('are not limited for a flow whose own limit limits nothing', () => {
    const limits = toRunLimits([row('a', {}), row('each_flow', { atOnce: 1 })]);
    expect(freeInFlow(limits, usage({ a: 70 }), 'a')).toBe(Number.POSITIVE_INFINITY);
  });

  it('are given to flows in turn where the org is full: a flood leaves one to the flow that has none', () => {
    const limits = toRunLimits([row('org', { atOnce: 6 })]);
    expect(choosePlaces(limits, usage({ a: 3 }), waiting({ a: 100, b: 1, c: 1 }))).toEqual(['b0', 'c0', 'a0']);
  });

  it('count what has begun within the window', () => {
    const limits = toRunLimits([row('a', { rateCount: 10, rateSeconds: 60 })]);
    expect(choosePlaces(limits, usage({}, { a: 8 }), waiting({ a: 5 }))).toEqual(['a0', 'a1']);
    expect(choosePlaces(limits, usage({}, { a: 12 }), waiting({ a: 5 }))).toEqual([]);
  });

  it('are none beyond any limit, none is left while somebody who may have it waits, and the oldest goes first', () => {
    const count = fc.nat(12);
    const bound = fc.option(fc.integer({ min: 1, max: 10 }), { nil: null });
    const flows = fc.record({ a: count, b: count, c: count });
    fc.assert(
      fc.property(bound, bound, bound, bound, flows, flows, flows, (org, each, a, rate, running, begun, queue) => {
        const limits = toRunLimits([
          row('org', { atOnce: org, rateCount: rate, rateSeconds: rate === null ? null : 60 }),
          row('each_flow', { atOnce: each }),
          row('a', { atOnce: a, rateCount: rate, rateSeconds: rate === null ? null : 60 }),
        ]);
        const used = usage(running, begun);
        const lines = waiting(queue);
        const placed = choosePlaces(limits, used, lines);
        expect(new Set(placed).size).toBe(placed.length);
        expect(placed.length).toBeLessThanOrEqual(freeInOrg(limits, used));
        for (const [flow, ids] of lines) {
          const mine = placed.filter((id) => id.startsWith(flow));
          expect(mine).toEqual(ids.slice(0, mine.length));
          expect(mine.length).toBeLessThanOrEqual(freeInFlow(limits, used, flow));
          const isLeftOut = mine.length < Math.min(ids.length, freeInFlow(limits, used, flow));
          if (isLeftOut) expect(placed.length).toBe(freeInOrg(limits, used));
        }
      }),
    );
  });
});
