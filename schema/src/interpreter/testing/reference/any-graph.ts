import fc from 'fast-check';
import type { Decision, NodeScript, Outcome, Visit } from './world.ts';

/** One node of a drawing, before it has a name and a place. What a kind does not need, it does not look at. */
export interface Sketch {
  readonly kind: Kind;
  /** Edges into it: from which step before it (modulo), and along which of its ways out (modulo). */
  readonly from: readonly (readonly [number, number])[];
  /** A small number: how many items, which way, which variable. */
  readonly n: number;
  /** A time, in ms. */
  readonly time: number;
  readonly isOdd: boolean;
  readonly isLimited: boolean;
  readonly reads: Reads;
  readonly onFailure: 'park' | 'fail' | 'continue' | null;
  readonly outcomes: readonly Outcome[];
  readonly visits: readonly Visit[];
  readonly decisions: readonly Decision[];
  readonly isStubborn: boolean;
  /** Of a frame: what stands in it. Of a sub-flow: the other flow. */
  readonly body: readonly Sketch[];
  /** Of a try: what stands in its `finally`. */
  readonly cleanup: readonly Sketch[] | null;
}

export type Reads = 'nothing' | 'output' | 'whatMayBeMissing' | 'variable' | 'iteration' | 'failure' | 'nonsense';

const leaves = [
  'act',
  'undoable',
  'read',
  'condition',
  'switch',
  'parallel',
  'merge',
  'delay',
  'waitUntil',
  'waitForEvent',
  'approval',
  'setVariables',
  'return',
  'respond',
  'stop',
] as const;
const frames = ['forEach', 'while', 'try', 'subflow'] as const;
export type Kind = (typeof leaves)[number] | (typeof frames)[number];

export interface Settings {
  readonly onFailure: 'park' | 'fail' | 'continue';
  readonly isImpatient: boolean;
  readonly compensateOnCancel: boolean;
  readonly runsOut: boolean;
}

/** A drawing, and all that happens to it. */
export interface Sketched {
  readonly parts: readonly Sketch[];
  readonly settings: Settings;
  readonly cancelAfter: number | null;
}

const weighted = <T>(choices: readonly (readonly [number, T])[]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

const anyTime = fc.nat(600_000);

const anyOutcome: fc.Arbitrary<Outcome> = fc.record({
  ends: weighted<Outcome['ends']>([
    [8, 'well'],
    [4, 'broken'],
    [2, 'refused'],
    [1, 'unsure'],
    [2, 'later'],
  ]),
  takes: anyTime,
});

const anyVisit: fc.Arbitrary<Visit> = fc.record({
  brings: weighted<Visit['brings']>([
    [6, 'event'],
    [2, 'wrongEvent'],
    [4, 'approval'],
    [2, 'rejection'],
    [1, 'skip'],
    [1, 'complete'],
  ]),
  after: anyTime,
});

const anyDecision = weighted<Decision>([
  [5, 'retry'],
  [2, 'edit'],
  [3, 'complete'],
  [3, 'skip'],
  [1, 'nobody'],
  [1, 'failRun'],
  [1, 'cancelRun'],
]);

const anyLeafKind = weighted<Kind>([
  [7, 'act'],
  [6, 'undoable'],
  [2, 'read'],
  [2, 'condition'],
  [1, 'switch'],
  [1, 'parallel'],
  [4, 'merge'],
  [2, 'delay'],
  [1, 'waitUntil'],
  [2, 'waitForEvent'],
  [2, 'approval'],
  [2, 'setVariables'],
  [1, 'return'],
  [2, 'respond'],
  [1, 'stop'],
]);

const { body } = fc.letrec<{ part: Sketch; leaf: Sketch; frame: Sketch; body: Sketch[] }>((tie) => {
  const common = {
    from: fc.uniqueArray(fc.tuple(fc.nat(5), fc.nat(2)), { maxLength: 3, selector: ([source]) => source }),
    n: fc.nat(3),
    time: anyTime,
    isOdd: fc.boolean(),
    isLimited: weighted([
      [3, false],
      [1, true],
    ]),
    reads: weighted<Reads>([
      [4, 'nothing'],
      [4, 'output'],
      [1, 'whatMayBeMissing'],
      [3, 'variable'],
      [2, 'iteration'],
      [2, 'failure'],
      [1, 'nonsense'],
    ]),
    onFailure: weighted<Sketch['onFailure']>([
      [5, null],
      [2, 'park'],
      [1, 'fail'],
      [1, 'continue'],
    ]),
    outcomes: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Outcome[]>([]) },
      { weight: 3, arbitrary: fc.array(anyOutcome, { minLength: 1, maxLength: 4 }) },
    ),
    visits: fc.array(anyVisit, { maxLength: 3 }),
    decisions: fc.array(anyDecision, { maxLength: 3 }),
    isStubborn: weighted([
      [3, false],
      [1, true],
    ]),
  };
  return {
    leaf: fc.record({ ...common, kind: anyLeafKind, body: fc.constant([]), cleanup: fc.constant(null) }),
    frame: fc.record({
      ...common,
      kind: fc.constantFrom<Kind>(...frames),
      body: tie('body'),
      cleanup: fc.option(tie('body')),
    }),
    part: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'frames' },
      { weight: 3, arbitrary: tie('leaf') },
      { weight: 2, arbitrary: tie('frame') },
    ),
    body: fc.array(tie('part'), { minLength: 1, maxLength: 4, depthIdentifier: 'frames' }),
  };
});

export const anySketched: fc.Arbitrary<Sketched> = fc.record({
  parts: fc.array(body, { minLength: 1, maxLength: 4 }).map((bodies) => bodies.flat()),
  settings: fc.record({
    onFailure: weighted<Settings['onFailure']>([
      [4, 'park'],
      [2, 'fail'],
      [1, 'continue'],
    ]),
    isImpatient: fc.boolean(),
    compensateOnCancel: fc.boolean(),
    runsOut: weighted([
      [6, false],
      [1, true],
    ]),
  }),
  cancelAfter: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(3_000_000) }),
});

export const scriptOf = ({ outcomes, visits, decisions, isStubborn }: Sketch): NodeScript => ({
  outcomes,
  visits,
  decisions,
  isStubborn,
});
