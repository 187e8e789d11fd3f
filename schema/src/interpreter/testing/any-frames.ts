import fc from 'fast-check';
import type { Plan } from '../../flow/plan.ts';
import { anAction, aPlan, type PlanDraft } from './a-plan.ts';

/** Steps in frames in frames. Those of a row stand one behind the other or all at once. */
export interface Row {
  readonly atOnce: boolean;
  readonly parts: readonly Part[];
}

export type Part =
  | { readonly type: 'action'; readonly ends: 'well' | 'badly' }
  | {
      readonly type: 'forEach';
      readonly count: number;
      readonly concurrency: number;
      readonly onItemFailure: 'park' | 'collect' | 'stop';
      readonly body: Row;
    }
  | { readonly type: 'while'; readonly times: number; readonly body: Row }
  | { readonly type: 'try'; readonly body: Row; readonly cleanup: Row | null };

const { anyRow } = fc.letrec<{ anyRow: Row; anyPart: Part }>((tie) => ({
  anyRow: fc.record({
    atOnce: fc.boolean(),
    parts: fc.array(tie('anyPart'), { minLength: 1, maxLength: 3 }),
  }),
  anyPart: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'frames' },
    fc.record({
      type: fc.constant('action' as const),
      ends: fc.oneof(
        { weight: 5, arbitrary: fc.constant('well' as const) },
        { weight: 1, arbitrary: fc.constant('badly' as const) },
      ),
    }),
    fc.record({
      type: fc.constant('forEach' as const),
      count: fc.nat(3),
      concurrency: fc.integer({ min: 1, max: 3 }),
      onItemFailure: fc.constantFrom('park' as const, 'collect' as const, 'stop' as const),
      body: tie('anyRow'),
    }),
    fc.record({ type: fc.constant('while' as const), times: fc.nat(2), body: tie('anyRow') }),
    fc.record({
      type: fc.constant('try' as const),
      body: tie('anyRow'),
      cleanup: fc.option(
        fc.record({
          atOnce: fc.boolean(),
          parts: fc.array(fc.record({ type: fc.constant('action' as const), ends: fc.constant('well' as const) }), {
            minLength: 1,
            maxLength: 2,
          }),
        }),
      ),
    }),
  ),
}));

export interface FramedScenario {
  readonly row: Row;
  readonly plan: Plan;
  /** Ids of the actions that fail. */
  readonly failing: ReadonlySet<string>;
  readonly choices: readonly number[];
}

/** Step ids are given in the order of a walk, so that an oracle that walks the same way names the same steps. */
export const namesOf = (): ((part: Pick<Part, 'type'> | { type: 'finally' }) => string) => {
  let last = 0;
  return ({ type }) => `${type.toLowerCase()}${(last += 1)}`;
};

export const toPlan = (row: Row): Pick<FramedScenario, 'plan' | 'failing'> => {
  const steps: { [id: string]: PlanDraft['steps'][string] } = {};
  const frames: { [id: string]: string[] } = {};
  const edges: string[] = [];
  const failing = new Set<string>();
  const nameOf = namesOf();

  const addRow = ({ atOnce, parts }: Row, frame: string | null): void => {
    let before = frame === null ? 'start' : null;
    for (const part of parts) {
      const id = nameOf(part);
      if (frame !== null) (frames[frame] ??= []).push(id);
      if (before !== null) edges.push(`${before} -> ${id}`);
      if (!atOnce) before = id;
      addPart(part, id);
    }
  };
  const addPart = (part: Part, id: string): void => {
    switch (part.type) {
      case 'action':
        steps[id] = anAction();
        if (part.ends === 'badly') failing.add(id);
        return;
      case 'forEach': {
        const { count, concurrency, onItemFailure } = part;
        steps[id] = {
          type: 'forEach',
          items: Array.from({ length: count }, (_, at) => at),
          concurrency,
          onItemFailure,
          result: null,
        };
        return addRow(part.body, id);
      }
      case 'while': {
        const condition = {
          left: '{{ loop.index }}',
          operator: 'lessThan' as const,
          right: part.times,
        };
        steps[id] = { type: 'while', condition, check: 'before', maximumIterations: 10, result: null };
        return addRow(part.body, id);
      }
      case 'try': {
        steps[id] = { type: 'try', catches: null, result: null };
        addRow(part.body, id);
        if (!part.cleanup) return;
        const cleanup = nameOf({ type: 'finally' });
        (frames[id] ??= []).push(cleanup);
        steps[cleanup] = { type: 'finally' };
        return addRow(part.cleanup, cleanup);
      }
    }
  };
  addRow(row, null);
  return { plan: aPlan({ steps, edges, frames }), failing };
};

export const anyFramedScenario: fc.Arbitrary<FramedScenario> = fc
  .tuple(anyRow, fc.array(fc.nat(30), { minLength: 10, maxLength: 80 }))
  .map(([row, choices]) => ({ row, choices, ...toPlan(row) }));
