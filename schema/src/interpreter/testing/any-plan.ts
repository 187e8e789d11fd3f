import fc from 'fast-check';
import type { Plan } from '../../flow/plan.ts';
import { anAction, aPlan, type PlanDraft } from './a-plan.ts';
import type { Ending } from './oracle.ts';

/** A drawing and how each of its steps ends, if it is reached. */
export interface Scenario {
  readonly plan: Plan;
  readonly endings: { readonly [stepId: string]: Ending };
  /** Which of the things that could happen next happens: one number per event, taken modulo their count. */
  readonly choices: readonly number[];
}

type Draft = PlanDraft['steps'][string];

interface StepSketch {
  readonly type: 'action' | 'condition' | 'switch' | 'parallel' | 'merge' | 'delay' | 'setVariables';
  readonly ends: 'well' | 'badly';
  readonly way: number;
  readonly onFailure: 'park' | 'continue';
  readonly minutes: number;
  /** Edges into this step: from which earlier step (modulo), and along which of its ways out (modulo). */
  readonly from: readonly (readonly [number, number])[];
}

const sketch: fc.Arbitrary<StepSketch> = fc.record({
  type: fc.oneof(
    { weight: 5, arbitrary: fc.constant('action' as const) },
    { weight: 1, arbitrary: fc.constantFrom('condition' as const, 'switch' as const) },
    { weight: 1, arbitrary: fc.constantFrom('parallel' as const, 'merge' as const, 'delay' as const) },
    { weight: 1, arbitrary: fc.constant('setVariables' as const) },
  ),
  ends: fc.oneof(
    { weight: 4, arbitrary: fc.constant('well' as const) },
    { weight: 1, arbitrary: fc.constant('badly' as const) },
  ),
  way: fc.nat(2),
  onFailure: fc.constantFrom('park' as const, 'continue' as const),
  minutes: fc.nat(5),
  from: fc.uniqueArray(fc.tuple(fc.nat(20), fc.nat(2)), {
    minLength: 1,
    maxLength: 3,
    selector: ([source]) => source,
  }),
});

const waysOut: { readonly [Type in StepSketch['type']]: readonly string[] } = {
  action: ['out', 'error', 'out'],
  condition: ['true', 'false'],
  switch: ['one', 'two', 'default'],
  parallel: ['out'],
  merge: ['out'],
  delay: ['out'],
  setVariables: ['out'],
};

const toDraft = (id: string, { type, way, onFailure, minutes }: StepSketch): Draft => {
  switch (type) {
    case 'action':
      return anAction({ onFailure, input: { id, seen: `{{ $count($keys(steps)) >= 0 }}` } });
    case 'condition':
      return { type, condition: { left: String(way % 2 === 0), operator: 'isTrue' } };
    case 'switch':
      return {
        type,
        value: `{{ ["one", "two", "other"][${way}] }}`,
        cases: [
          { port: 'one', equals: 'one' },
          { port: 'two', equals: 'two' },
        ],
      };
    case 'merge':
      return { type, policy: { join: 'all' } };
    case 'delay':
      return { type, duration: `${minutes}m` };
    case 'setVariables':
      return { type, variables: { [id]: `{{ "set by ${id}" }}` } };
    case 'parallel':
      return { type };
  }
};

/** Branches, merges, error edges, delays, steps without any way in, in any shape without a circle. */
export const anyScenario: fc.Arbitrary<Scenario> = fc
  .tuple(fc.array(sketch, { minLength: 1, maxLength: 12 }), fc.array(fc.nat(30), { maxLength: 60 }))
  .map(([sketches, choices]) => {
    const ids = sketches.map((_, index) => `s${index}`);
    const edges = new Set<string>();
    for (const [index, { from }] of sketches.entries()) {
      for (const [source, way] of from) {
        // The trigger stands before the first step; some edges lead nowhere, so that some steps have no way in.
        const place = source % (index + 2);
        if (place === index + 1) continue;
        const earlier = sketches[place - 1];
        const ports = earlier ? waysOut[earlier.type] : ['out'];
        edges.add(`${place === 0 ? 'start' : ids[place - 1]}:${ports[way % ports.length]} -> ${ids[index]}`);
      }
    }
    const steps = Object.fromEntries(sketches.map((each, index) => [ids[index], toDraft(ids[index] ?? '', each)]));
    const endings = Object.fromEntries(
      sketches.map(({ type, ends, way }, index): [string, Ending] => {
        const id = ids[index] ?? '';
        if (type === 'condition') return [id, { goes: way % 2 === 0 ? 'true' : 'false' }];
        if (type === 'switch') return [id, { goes: ['one', 'two', 'default'][way] ?? 'default' }];
        return [id, { ends: type === 'action' ? ends : 'well' }];
      }),
    );
    return { plan: aPlan({ steps, edges: [...edges] }), endings, choices };
  });
