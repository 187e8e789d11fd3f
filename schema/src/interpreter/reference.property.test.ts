import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anySketched, type Sketched } from './testing/reference/any-graph.ts';
import { defects } from './testing/reference/defects.ts';
import { type Drawn, drawGraph, toWords } from './testing/reference/draw-graph.ts';
import { createKernel, type Defect } from './testing/reference/kernel-subject.ts';
import { createReference } from './testing/reference/reference.ts';
import { playOut, type Trace } from './testing/reference/world.ts';

// Other graphs: EVERWAVE_ORACLE_SEED=7 EVERWAVE_ORACLE_GRAPHS=20000 pnpm oracle
const seed = Number(process.env['EVERWAVE_ORACLE_SEED'] ?? 20_261_130);
const numRuns = Number(process.env['EVERWAVE_ORACLE_GRAPHS'] ?? 2_000);

const play = async ({ plan, script }: Drawn, defect?: Defect): Promise<readonly [expected: Trace, actual: Trace]> => [
  await playOut(plan, script, createReference),
  await playOut(plan, script, (ofPlan, id) => createKernel(ofPlan, id, defect)),
];

/** How often something came to pass that the property is about. */
const createTally = () => {
  const seen = new Map<string, number>();
  const add = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  const count = ({ plan }: Drawn, { runs, begun, stopped }: Trace): void => {
    const kinds = new Map(Object.values(plan.steps).map(({ id, type }) => [id, type]));
    add(`run ${runs['run']?.end.split(' ')[1]}`);
    for (const [path, ends] of Object.entries(runs['run']?.steps ?? {})) {
      const id = path.slice(path.lastIndexOf('.') + 1);
      add(`${kinds.get(id)} ${ends.at(-1)?.split(' ')[1]}`);
      if (ends.some((each) => each.includes('needs_attention'))) add('parked');
    }
    for (const each of begun) {
      if (/ un[a-z]+\d+ generation/.test(each) || /\.un[a-z]+\d+ generation/.test(each)) add('undone');
      if (/generation [2-9]/.test(each)) add('later generation');
      if (!/after 0/.test(each) && / generation /.test(each)) add('deferred');
      if (/ again /.test(each)) add('begun again');
    }
    if (stopped.length > 0) add('stopped');
  };
  return { seen, count };
};

describe('the kernel and a plain reading of the semantics', () => {
  it('say the same of any drawing and whatever happens to it', async () => {
    const { seen, count } = createTally();
    await fc.assert(
      fc.asyncProperty(anySketched, async (sketched) => {
        const drawn = drawGraph(sketched);
        const [expected, actual] = await play(drawn);
        expect(actual, toWords(drawn)).toEqual(expected);
        count(drawn, expected);
      }),
      { seed, numRuns },
    );
    // The property has met what it is about.
    const often = ['run succeeded', 'run failed', 'run cancelled', 'parked', 'undone', 'stopped', 'deferred'];
    const sometimes = [
      ...['forEach', 'while', 'try', 'subflow'].flatMap((kind) =>
        ['succeeded', 'failed'].map((end) => `${kind} ${end}`),
      ),
      ...[
        'finally',
        'merge',
        'waitForEvent',
        'approval',
        'delay',
        'waitUntil',
        'stop',
        'respond',
        'return',
        'switch',
        'condition',
      ].map((kind) => `${kind} succeeded`),
      'begun again',
      'later generation',
    ];
    const least = (what: string) => (often.includes(what) ? numRuns / 40 : 1);
    expect([...often, ...sometimes].filter((what) => (seen.get(what) ?? 0) < least(what))).toEqual([]);
  }, 600_000);

  it.each(Object.entries(defects))('do not say the same when the kernel %s', async (_name, defect) => {
    const isNoticed = async (sketched: Sketched): Promise<boolean> => {
      try {
        const [expected, actual] = await play(drawGraph(sketched), defect);
        expect(actual).toEqual(expected);
        return false;
      } catch {
        return true;
      }
    };
    for (const sketched of fc.sample(anySketched, { seed: 7, numRuns: 400 })) if (await isNoticed(sketched)) return;
    expect.unreachable('Nobody has noticed.');
  });
});
