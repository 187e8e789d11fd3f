import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generationOfFork } from '../../flow/generation.ts';
import type { Json, Plan } from '../../flow/plan.ts';
import { type Failure, isClosed } from '../../run/status.ts';
import type { StepTransition } from '../command.ts';
import { placeOf, rootScope } from '../place.ts';
import { anyFramedScenario } from '../testing/any-frames.ts';
import { anyScenario } from '../testing/any-plan.ts';
import { withSubflows } from '../testing/with-subflows.ts';
import { type OutcomeOf, playRun, type PlayedRun, recordOf } from '../testing/play-run.ts';
import { forkState } from './fork-state.ts';
import { reachOf } from './reach.ts';

const generation = generationOfFork(1);
const forkedAs = { at: 5_000_000, run: { id: 'run_2', url: '', flowName: 'Any' }, seed: 9 };

interface Forkable {
  readonly plan: Plan;
  readonly outcomeOf: OutcomeOf;
  readonly choices: readonly number[];
}

const anyActions: fc.Arbitrary<Forkable> = fc.oneof(
  anyScenario.map(({ plan, endings, choices }): Forkable => {
    const endsBadly = (stepId: string) => {
      const ending = endings[stepId];
      return ending !== undefined && 'ends' in ending && ending.ends === 'badly';
    };
    return { plan, choices, outcomeOf: (path) => (endsBadly(path) ? 'fails' : { output: path }) };
  }),
  anyFramedScenario.map(
    ({ plan, failing, choices }): Forkable => ({
      plan,
      choices,
      outcomeOf: (path) => (failing.has(placeOf(path).stepId) ? 'fails' : { output: path }),
    }),
  ),
);

/** Also with runs of sub-flows in place of activities. */
const anyRun: fc.Arbitrary<Forkable> = fc.oneof(
  anyActions,
  anyActions.map((run) => ({ ...run, plan: withSubflows(run.plan, ['wait']) })),
);

/** How the flow's own steps ended. A delay says when, which differs; for the failures of items see `expectFailures`. */
const endOf = (plan: Plan, { state }: PlayedRun) => ({
  status: state.status,
  vars: state.vars,
  steps: Object.fromEntries(
    Object.entries(state.scopes['root']?.steps ?? {}).map(([id, { status, output }]) => [
      id,
      ['delay', 'subflow'].includes(plan.steps[id]?.type ?? '')
        ? { status }
        : { status, output: output === undefined ? null : withoutFailures(output) },
    ]),
  ),
});

const withoutFailures = (output: Json): Json =>
  JSON.parse(JSON.stringify(output, (key, value: Json) => (key === 'failure' ? undefined : value))) as Json;

const scheduled = ({ commands }: PlayedRun) =>
  commands.flatMap((command) =>
    command.type === 'scheduleActivity' || command.type === 'startChild' ? [command] : [],
  );

type Ended = Pick<StepTransition, 'status' | 'output' | 'failure'>;

/** What the projection has of the flow's own steps, beside what the run itself knows of them. */
const recordedBesideKnown = (
  plan: Plan,
  played: PlayedRun,
): readonly (readonly [string, Ended, Ended | undefined])[] => {
  const known = played.state.scopes[rootScope]?.steps ?? {};
  const toEnd = ({ status, output, failure }: Ended): Ended => ({
    status,
    ...(output !== undefined && { output }),
    ...(failure && { failure }),
  });
  return recordOf(played).steps.flatMap((step) => {
    const { scope, stepId } = placeOf(step.path);
    if (scope !== rootScope || plan.steps[stepId]?.type === 'trigger') return [];
    const own = known[stepId];
    return [[stepId, toEnd(step), own && toEnd(own)] as const];
  });
};

type Named = Pick<Failure, 'name' | 'message'>;

/** With which failure each loop that collects them has given up an item, by the item's path. */
const failuresOf = (plan: Plan, played: PlayedRun): ReadonlyMap<string, Named> =>
  new Map(
    recordOf(played).steps.flatMap(({ path, stepId, status, output }) => {
      if (plan.steps[stepId]?.type !== 'forEach' || status !== 'succeeded') return [];
      const { failed } = output as { readonly failed: readonly { readonly index: number; readonly failure: Named }[] };
      return failed.map(({ index, failure }): [string, Named] => [`${path}[${index}]`, failure]);
    }),
  );

/**
 * An item keeps its failure. Only in one that runs again, or whose loop had not come to its end, it is that of any step in
 * it: the first failure gives the item up and stops its other branches, and which of several that is, is a race that the
 * fork runs anew.
 */
const expectFailures = (plan: Plan, fork: PlayedRun, origin: PlayedRun): void => {
  const before = failuresOf(plan, origin);
  for (const [item, failure] of failuresOf(plan, fork)) {
    const isIn = ({ path }: { readonly path: string }) => path.startsWith(`${item}.`);
    const kept = scheduled(fork).some(isIn) ? undefined : before.get(item);
    const known = recordOf(fork).steps.flatMap((step) =>
      step.failure && isIn(step) ? [{ name: step.failure.name, message: step.failure.message }] : [],
    );
    expect({ item, known: kept ? [kept] : known }).toEqual({ item, known: expect.arrayContaining([failure]) });
  }
};

const forkAt = (plan: Plan, played: PlayedRun, at: string) =>
  forkState(plan, recordOf(played), { at, outputs: {}, generation }, forkedAs);

describe('a fork of any run at any step that it has reached, with nothing edited', () => {
  it('ends as the run did that it was made from, repeats nothing that stands, and keeps nothing behind the step', async () => {
    let forks = 0;
    await fc.assert(
      fc.asyncProperty(anyRun, fc.nat(), fc.array(fc.nat(30), { maxLength: 40 }), async (run, which, choices) => {
        const played = await playRun(run);
        const paths = [...new Set(scheduled(played).map(({ path }) => path))];
        const at = paths[which % Math.max(1, paths.length)];
        if (at === undefined) return;
        const forked = await forkAt(run.plan, played, at);
        expect(forked.ok ? [] : forked.problems).toEqual([]);
        if (!forked.ok) return;
        forks += 1;
        const { isAgain } = forked;
        const { isAgain: isBehind } = reachOf(run.plan, at);
        for (const { path } of recordOf(played).steps) if (isBehind(placeOf(path))) expect(isAgain(path)).toBe(true);
        for (const { path } of forked.kept) expect({ path, again: isAgain(path) }).toEqual({ path, again: false });
        const numbers = forked.kept.map(({ seq }) => seq);
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));

        const fork = await playRun({ ...run, choices, from: { state: forked.state, reports: forked.kept } });
        expect(endOf(run.plan, fork)).toEqual(endOf(run.plan, played));
        expectFailures(run.plan, fork, played);
        for (const [stepId, recorded, known] of recordedBesideKnown(run.plan, fork)) {
          expect({ stepId, ...recorded }).toEqual({ stepId, ...known });
        }
        const stands = new Set(
          recordOf(played).steps.flatMap(({ path, status }) =>
            status === 'succeeded' && !isAgain(path) ? [path] : [],
          ),
        );
        for (const { path, ...command } of scheduled(fork)) {
          expect([...stands]).not.toContain(path);
          if (command.type === 'startChild') continue;
          expect({ path, used: command.generation }).toEqual({ path, used: isAgain(path) ? generation : 1 });
        }
        expect(scheduled(fork).map(({ path }) => path)).toContain(at);
      }),
      { numRuns: 500 },
    );
    expect(forks).toBeGreaterThan(200);
  });

  it('can be made of a run that has come to any point, and comes to an end', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, fc.nat(20), fc.nat(), async (run, events, which) => {
        const played = await playRun({ ...run, events });
        const paths = [...new Set(scheduled(played).map(({ path }) => path))];
        const at = paths[which % Math.max(1, paths.length)];
        if (at === undefined) return;
        const forked = await forkAt(run.plan, played, at);
        expect(forked.ok ? [] : forked.problems).toEqual([]);
        if (!forked.ok) return;
        const whole = await playRun(run);
        const fork = await playRun({ ...run, from: { state: forked.state, reports: forked.kept } });
        expect(fork.state.status).toBe(whole.state.status);
        if (isClosed(fork.state.status)) expect(Object.keys(fork.state.scopes)).toEqual(['root']);
      }),
      { numRuns: 300 },
    );
  });

  it('can be forked again, as one that has not been', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, fc.nat(), fc.nat(), async (run, which, whichThen) => {
        const played = await playRun(run);
        const paths = [...new Set(scheduled(played).map(({ path }) => path))];
        const at = paths[which % Math.max(1, paths.length)];
        if (at === undefined) return;
        const forked = await forkAt(run.plan, played, at);
        if (!forked.ok) throw new Error('It must be possible.');
        const fork = await playRun({ ...run, from: { state: forked.state, reports: forked.kept } });
        const reached = recordOf(fork).steps.filter(
          ({ stepId, status }) => run.plan.steps[stepId]?.type === 'action' && status !== 'skipped',
        );
        const atThen = reached[whichThen % reached.length]?.path ?? at;
        const again = await forkState(
          run.plan,
          recordOf(fork),
          { at: atThen, outputs: {}, generation: generationOfFork(2) },
          forkedAs,
        );
        expect(again.ok ? [] : again.problems).toEqual([]);
        if (!again.ok) return;
        const end = await playRun({ ...run, from: { state: again.state, reports: again.kept } });
        expect(endOf(run.plan, end)).toEqual(endOf(run.plan, played));
        expectFailures(run.plan, end, fork);
      }),
      { numRuns: 200 },
    );
  });
});
