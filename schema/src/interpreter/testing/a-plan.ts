import type { ActionStep, FrameStep, OnFailure, Plan, PlanRegion, PlanStep } from '../../flow/plan.ts';

/** What a test says of a step; the rest is filled in. */
type Draft<Step extends PlanStep = PlanStep> = Step extends PlanStep
  ? Pick<Step, 'type'> & Partial<Omit<Step, 'type' | 'incoming' | 'outgoing' | 'order' | 'region'>>
  : never;

export const anAction = (changes: Partial<Omit<ActionStep, 'type'>> = {}): Draft<ActionStep> => ({
  type: 'action',
  activity: 'test.act@1',
  input: {},
  connectionId: null,
  effect: 'writes',
  idempotency: 'provider-key',
  lane: 'durable',
  options: {
    taskQueue: 'flow',
    startToCloseTimeout: '10s',
    scheduleToCloseTimeout: '1h',
    retry: {
      initialInterval: '1s',
      backoffCoefficient: 2,
      maximumInterval: '1m',
      maximumAttempts: 3,
      nonRetryableErrorTypes: [],
    },
  },
  onFailure: 'park',
  reads: [],
  ...changes,
});

/** `'a -> b'`, or `'a:error -> b'` for another port than `out`. */
type Edge = string;

export interface PlanDraft {
  /** In dispatch order. A trigger named `start` is put in front. */
  readonly steps: { readonly [id: string]: Draft };
  readonly edges: readonly Edge[];
  /** Which steps stand in the frame of which. */
  readonly frames?: { readonly [frameId: string]: readonly string[] };
  readonly onFailure?: OnFailure;
}

/** A plan from a few words: steps in order, edges as text. */
export const aPlan = ({ steps: drafts, edges: drawn, frames = {}, onFailure = 'park' }: PlanDraft): Plan => {
  const regionOf = (id: string) => Object.keys(frames).find((frame) => frames[frame]?.includes(id)) ?? 'root';
  const edges = drawn.map((text) => {
    const [source = '', to = ''] = text.split(' -> ');
    const [from = '', port = 'out'] = source.split(':');
    return { from, port, to };
  });
  const at = (end: 'from' | 'to', id: string) => edges.flatMap((edge, index) => (edge[end] === id ? [index] : []));
  const all: { readonly [id: string]: Draft } = { start: { type: 'trigger', kind: 'trigger.manual' }, ...drafts };
  const order = Object.keys(all);
  const steps = Object.fromEntries(
    Object.entries(all).map(([id, draft], index) => [
      id,
      {
        id,
        title: id,
        ...draft,
        region: regionOf(id),
        order: index,
        incoming: at('to', id),
        outgoing: at('from', id),
      } as PlanStep,
    ]),
  );
  return {
    planVersion: 1,
    flowId: 'flow_1',
    flowVersion: 1,
    title: 'A flow',
    regions: {
      root: { id: 'root', kind: 'root', parent: null, steps: order.filter((id) => regionOf(id) === 'root') },
      ...Object.fromEntries(
        Object.keys(frames).map((id): [string, PlanRegion] => [
          id,
          {
            id,
            kind: all[id]?.type as FrameStep['type'],
            parent: regionOf(id),
            steps: order.filter((each) => regionOf(each) === id),
          },
        ]),
      ),
    },
    steps,
    edges,
    settings: { onFailure, parkLimit: '30d', runTimeout: '60d' },
  };
};
