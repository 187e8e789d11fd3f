import type { Run, RunEvent } from '@everwave/schema/api';
import { repairRequestSchema } from '@everwave/schema/api';
import { describe, expect, it } from 'vitest';
import { manifests } from '../../../tests/fake-api/manifests.ts';
import { tellRun } from '../../../tests/fake-api/run-story.ts';
import { notable } from '../../../tests/fake-api/stories.ts';
import { applyRunEvent, newerEvent } from './apply-run-event.ts';
import { chooseStep } from './choose-step.ts';
import { repairDraft, type RepairSubject, repairWords, toRepairRequest } from './repairs.ts';
import { axisMarks, toTimeline } from './timeline-rows.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const runOf = (which: keyof typeof notable): Run => tellRun(notable[which], now, 'http://127.0.0.1:3000');

const eventOf = (run: Run, more: Partial<RunEvent> = {}): RunEvent => ({
  type: 'run',
  runId: run.id,
  flowId: run.flowId,
  status: run.status,
  seq: 10,
  updatedAt: new Date(now + 500).toISOString(),
  ...more,
});

describe('applyRunEvent', () => {
  it('lays new states over the loaded run and keeps its values', () => {
    const run = runOf('running');
    const thank = run.steps.find((step) => step.path === 'thank');
    const event = eventOf(run, {
      status: 'succeeded',
      steps: [
        {
          path: 'thank',
          stepId: 'thank',
          ordinal: 1,
          status: 'succeeded',
          attempts: 1,
          startedAt: null,
          finishedAt: null,
          dueAt: null,
        },
      ],
    });
    const after = applyRunEvent(run, event);
    expect(after.status).toBe('succeeded');
    expect(after.steps.find((step) => step.path === 'thank')).toMatchObject({
      status: 'succeeded',
      input: thank?.input,
    });
    expect(after.steps).toHaveLength(run.steps.length);
  });

  it('adds a step that began after the page was loaded, with the author’s title', () => {
    const run = runOf('running');
    const step = {
      path: 'joined',
      stepId: 'joined',
      ordinal: 1,
      status: 'running' as const,
      attempts: 0,
      startedAt: null,
      finishedAt: null,
      dueAt: null,
    };
    expect(applyRunEvent(run, eventOf(run, { steps: [step] })).steps.at(-1)).toMatchObject({
      path: 'joined',
      title: 'Both told',
      kind: 'control.merge',
    });
  });

  it('lets an older event, or one of another run, change nothing', () => {
    const run = runOf('running');
    expect(applyRunEvent(run, eventOf(run, { updatedAt: new Date(now - 1).toISOString(), status: 'failed' }))).toBe(
      run,
    );
    expect(applyRunEvent(run, eventOf(runOf('parked'), { status: 'failed' }))).toBe(run);
    expect(applyRunEvent(run, null)).toBe(run);
  });
});

describe('newerEvent', () => {
  it('keeps the newer of two events of one run, whatever their order', () => {
    const run = runOf('running');
    const late = eventOf(run, { seq: 12 });
    const early = eventOf(run, { seq: 11 });
    expect(newerEvent(late, early)).toBe(late);
    expect(newerEvent(early, late)).toBe(late);
    expect(newerEvent(late, eventOf(runOf('parked'), { seq: 1 })).runId).toBe(runOf('parked').id);
  });
});

describe('chooseStep', () => {
  it('opens the step that waits for a person, then the one that failed, then the last that ended', () => {
    expect(chooseStep(runOf('parked'), null)).toBe('announce');
    expect(chooseStep(runOf('failed'), null)).toBe('fetch_list');
    expect(chooseStep(runOf('succeeded'), null)).toBe('answer');
  });

  it('opens what the address names, if the run has it', () => {
    expect(chooseStep(runOf('parked'), 'customer')).toBe('customer');
    expect(chooseStep(runOf('parked'), 'joined')).toBe('joined');
    expect(chooseStep(runOf('parked'), 'nonsense')).toBe('announce');
    expect(chooseStep(runOf('parked'), 'each[7].nonsense')).toBe('announce');
  });

  it('stays with an iteration that the run has not come to', () => {
    expect(chooseStep(runOf('parked'), 'each[41].joined')).toBe('each[41].joined');
  });
});

describe('toTimeline', () => {
  it('gives each step one bar inside the run’s time, in the order in which they began', () => {
    const run = runOf('succeeded');
    const { rows } = toTimeline(run, now);
    expect(rows[0]?.path).toBe('customer');
    expect(rows.map((row) => row.path)).not.toContain('small');
    for (const segment of rows.flatMap((row) => row.segments)) {
      expect(segment.from).toBeGreaterThanOrEqual(0);
      expect(segment.to).toBeLessThanOrEqual(1);
      expect(segment.to).toBeGreaterThanOrEqual(segment.from);
    }
  });

  it('marks a step that took no time where it ended, and leaves out what the run passed by', () => {
    const run = runOf('succeeded');
    const steps = run.steps.map((step) => (step.path === 'is_large' ? { ...step, startedAt: null } : step));
    const { rows } = toTimeline({ ...run, steps }, now);
    const mark = rows.find((row) => row.path === 'is_large')?.segments[0];
    expect(mark && mark.to - mark.from).toBe(0);
    expect(rows.map((row) => row.path)).not.toContain('small');
  });

  it('shows attempts and the waits between them', () => {
    const row = toTimeline(runOf('parked'), now).rows.find((each) => each.path === 'announce');
    expect(row?.segments.map((segment) => segment.kind)).toEqual(['failed', 'wait', 'failed', 'wait', 'failed']);
  });

  it('ends where a parked run stopped, and goes on while a step does', () => {
    const parked = toTimeline(runOf('parked'), now);
    expect(parked.endsAt - parked.startedAt).toBeLessThan(60_000);
    const running = toTimeline(runOf('running'), now + 5_000);
    expect(running.endsAt).toBe(now + 5_000);
  });
});

describe('axisMarks', () => {
  it.each([
    [912, 4],
    [7_400, 4],
    [90_000, 4],
    [3_600_000, 5],
    [864_000_000, 4],
  ])('puts a few round marks on %i ms', (span, count) => {
    const marks = axisMarks(span);
    expect(marks[0]).toBe(0);
    expect(marks).toHaveLength(count);
    expect(marks.at(-1)).toBeLessThanOrEqual(span);
  });
});

describe('repairs', () => {
  const run = runOf('unsure');
  const step = run.steps.find((each) => each.status === 'needs_attention') ?? null;
  const manifest = manifests.find((each) => each.kind === step?.kind);
  const subject = { run, step, manifest };

  it('warns before repeating what may already have happened', () => {
    expect(repairWords('retryStep', subject).effect).toContain('it happens twice');
  });

  it('tells in the connector’s words what a repeat does', () => {
    const known = { ...subject, step: step && { ...step, failure: null } };
    expect(repairWords('retryStep', known).effect).toContain('sent a second time');
  });

  describe('of a step that only reads', () => {
    const failed = runOf('failed');
    const fetching = failed.steps.find((each) => each.kind === 'http.request') ?? null;
    const request = manifests.find((each) => each.kind === 'http.request');
    /** The step with this method in the drawing, and this one in the input that it ran with. */
    const withMethods = (drawn: string | undefined, used: string | undefined) => ({
      run: {
        ...failed,
        graph: {
          ...failed.graph,
          nodes: failed.graph.nodes.map((node) =>
            node.id === fetching?.stepId ? { ...node, input: { url: '/', ...(drawn && { method: drawn }) } } : node,
          ),
        },
      },
      step: fetching && { ...fetching, ...(used ? { input: { url: '/', method: used } } : { input: undefined }) },
      manifest: request,
    });
    const reading = 'It only reads, so doing it again changes nothing.';
    const writing = 'What an earlier attempt already did is recognised and not done twice.';

    it.each([
      ['GET', 'GET', reading],
      ['HEAD', undefined, reading],
      [undefined, 'GET', reading],
      ['POST', 'POST', writing],
      ['{{ vars.method }}', 'GET', writing],
      ['GET', 'POST', writing],
    ])('drawn with the method %s and run with %s, says so', (drawn, used, words) => {
      expect(fetching).not.toBeNull();
      expect(repairWords('retryStep', withMethods(drawn, used) as RepairSubject).effect).toContain(words);
    });
  });

  it('starts the editors with the step’s input and the kind’s example output', () => {
    expect(repairDraft('retryWithInput', subject)).toEqual(step?.input);
    expect(repairDraft('completeStep', subject)).toMatchObject({ accepted: ['ada@example.com'] });
    expect(repairDraft('skipStep', subject)).toBeUndefined();
  });

  it('makes requests that the api takes', () => {
    for (const choice of ['retryStep', 'retryWithInput', 'completeStep', 'skipStep', 'failRun', 'cancelRun'] as const) {
      const request = toRepairRequest(choice, 'thank', { a: 1 }, crypto.randomUUID());
      expect(repairRequestSchema.safeParse(request).success).toBe(true);
    }
    expect(toRepairRequest('retryStep', null, null, crypto.randomUUID())).toBeNull();
  });
});
