import type { ScheduleDetail } from '@everwave/schema/api';
import type { FlowId, RunId, TriggerId } from '@everwave/schema/ids';
import { describe, expect, it } from 'vitest';
import { useStubApi } from './testing/use-stub-api.ts';

const digits = '0190f3a2b4c57d8e9fa0b1c2d3e40001';
const id = `trg_${digits}` as TriggerId;
const runId = `run_${digits}` as RunId;
const schedule: ScheduleDetail = {
  id,
  flowId: `flow_${digits}` as FlowId,
  flowName: 'Price check',
  flowStatus: 'active',
  nodeId: 'clock',
  times: { cron: '30 2 * * *' },
  timeZone: 'Europe/Berlin',
  overlap: 'skip',
  catchUpWindow: 600_000,
  jitter: 0,
  pause: { at: '2026-03-01T12:00:00.000Z', by: 'Mara', reason: 'Stocktaking.' },
  isApplied: true,
  lastError: null,
  lastFire: { scheduledAt: '2026-03-01T01:30:00Z', status: 'dispatched', runId },
  nextTimes: ['2026-03-02T01:30:00.000Z'],
};

const { everwave, calls, changes, printed, complained } = useStubApi(({ method, url }) => {
  if (url?.endsWith('/trigger')) return { runId, url: `https://everwave.example/runs/${runId}` };
  if (url?.endsWith('/backfill')) return { times: 3, started: 2, repeated: 1, skipped: 0 };
  return method === 'GET' && url?.includes('?') ? { items: [schedule], nextCursor: null } : schedule;
});

describe('everwave schedule', () => {
  it('lists schedules, and shows one with its next times', async () => {
    expect(await everwave('schedule', 'list', '--flow', schedule.flowId)).toBe(0);
    expect(calls).toEqual([`GET /v1/schedules?limit=100&flowId=${schedule.flowId}`]);
    expect(printed.join('\n')).toMatch(
      /paused +30 2 \* \* \* +Europe\/Berlin +2026-03-01T01:30:00Z dispatched +Price check/,
    );
    expect(await everwave('schedule', 'show', id)).toBe(0);
    expect(printed.at(-1)).toContain('paused 2026-03-01T12:00:00.000Z by Mara: Stocktaking.');
    expect(printed.at(-1)).toContain('next:\n  2026-03-02T01:30:00.000Z');
  });

  it('pauses, resumes, starts now and makes up for times', async () => {
    expect(await everwave('schedule', 'pause', id, '--reason', 'Stocktaking.')).toBe(0);
    expect(await everwave('schedule', 'resume', id)).toBe(0);
    expect(await everwave('schedule', 'trigger', id)).toBe(0);
    expect(printed.at(-1)).toContain(runId);
    const span = ['--from', '2026-03-01T00:00:00Z', '--to', '2026-03-04T00:00:00Z'];
    expect(await everwave('schedule', 'backfill', id, ...span)).toBe(0);
    expect(printed.at(-1)).toBe('3 times: 2 runs started, 1 had theirs already, 0 skipped by the limits.');
    expect(changes).toEqual([
      `POST /v1/schedules/${id}/pause {"reason":"Stocktaking."}`,
      `POST /v1/schedules/${id}/resume {}`,
      `POST /v1/schedules/${id}/trigger {}`,
      `POST /v1/schedules/${id}/backfill {"from":"2026-03-01T00:00:00Z","to":"2026-03-04T00:00:00Z"}`,
    ]);
  });

  it('asks for a reason, and for a span, and changes nothing without', async () => {
    expect(await everwave('schedule', 'pause', id)).toBe(2);
    expect(await everwave('schedule', 'backfill', id, '--from', '2026-03-01T00:00:00Z')).toBe(2);
    expect(complained.join('\n')).toContain('Missing --reason');
    expect(changes).toEqual([]);
  });
});
