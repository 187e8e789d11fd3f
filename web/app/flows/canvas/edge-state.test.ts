import { describe, expect, it } from 'vitest';
import { notable } from '../../../tests/fake-api/stories.ts';
import { type RunStory, tellRun } from '../../../tests/fake-api/run-story.ts';
import { type EdgeState, edgeStateOf } from './edge-state.ts';
import { type StepView, toStepViews } from './step-view.ts';

const edgesOf = (story: RunStory): Readonly<Record<string, EdgeState>> => {
  const run = tellRun(story, Date.parse('2026-11-21T12:00:00Z'), 'http://127.0.0.1:3000');
  const views = toStepViews(run);
  return Object.fromEntries(run.graph.edges.map((edge) => [edge.id, edgeStateOf(edge, views)]));
};

const view = (status: StepView['status'], more: Partial<StepView> = {}): StepView => ({
  path: 'a',
  status,
  ordinal: 1,
  attempts: 0,
  startedAt: null,
  finishedAt: null,
  dueAt: null,
  failure: null,
  port: null,
  iterations: null,
  ...more,
});

const state = (port: string, from: StepView, to?: StepView): EdgeState =>
  edgeStateOf(
    { id: 'e', from: 'a', to: 'b', port } as Parameters<typeof edgeStateOf>[0],
    new Map([['a', from], ...(to ? [['b', to] as const] : [])]),
  );

describe('edgeStateOf', () => {
  it('inks the way a run went and fades the other', () => {
    const edges = edgesOf(notable.succeeded);
    expect(edges['order.out-customer']).toBe('taken');
    expect(edges['is_large.true-both']).toBe('taken');
    expect(edges['is_large.false-small']).toBe('dead');
  });

  it('leaves open what a parked step has not decided', () => {
    const edges = edgesOf(notable.parked);
    expect(edges['both.out-announce']).toBe('taken');
    expect(edges['announce.out-joined']).toBe('open');
    expect(edges['joined.out-answer']).toBe('open');
  });

  it('takes the error’s edge of a failed step, and not its ordinary one', () => {
    expect(state('error', view('failed', { attempts: 3 }))).toBe('taken');
    expect(state('out', view('failed', { attempts: 3 }))).toBe('dead');
    expect(state('error', view('succeeded'))).toBe('dead');
  });

  it('tells a step that a person skipped from one that the run never reached', () => {
    expect(state('out', view('skipped', { attempts: 2 }))).toBe('taken');
    expect(state('out', view('skipped'))).toBe('dead');
  });

  it('reads the way of a choice from what lies behind it when the run does not say', () => {
    expect(state('true', view('succeeded'), view('running'))).toBe('taken');
    expect(state('true', view('succeeded'), view('skipped'))).toBe('dead');
    expect(state('true', view('succeeded'))).toBe('open');
  });

  it('inks the way to an undo step that ran, and fades it where the run ended without', () => {
    expect(state('compensate', view('succeeded'))).toBe('open');
    expect(state('compensate', view('succeeded'), view('running'))).toBe('taken');
    expect(state('compensate', view('succeeded'), view('skipped'))).toBe('dead');
    expect(state('compensate', view('succeeded'), view('skipped', { attempts: 2 }))).toBe('taken');
    expect(state('compensate', view('cancelled'), view('pending'))).toBe('open');
  });

  it('leads nowhere from a step that has no row', () => {
    expect(
      edgeStateOf({ id: 'e', from: 'x', to: 'b', port: 'out' } as Parameters<typeof edgeStateOf>[0], new Map()),
    ).toBe('open');
  });
});
