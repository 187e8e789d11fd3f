import { listRunsQuerySchema } from '@everwave/schema/api';
import { describe, expect, it } from 'vitest';
import { idOf } from '../../../tests/fake-api/ids.ts';
import { readRunFilter, runViews, toRunQuery, viewAddress } from './run-filter.ts';

const read = (search: string) => readRunFilter(new URLSearchParams(search));

describe('readRunFilter', () => {
  it('reads what the address says', () => {
    expect(read('view=failed&flow=flow_1&within=24h&q=slack')).toEqual({
      view: 'failed',
      flow: 'flow_1',
      within: '24h',
      q: 'slack',
    });
  });

  it('shows everything rather than an error for an address that makes no sense', () => {
    expect(read('view=purple&within=soon&q=%20&cursor=')).toMatchObject({ view: 'all' });
  });
});

describe('toRunQuery', () => {
  it('asks the api for what it takes, in every view', () => {
    for (const view of runViews) {
      const query = toRunQuery(read(`view=${view}&flow=${idOf('flow', 'x')}&within=7d&q=slack`), Date.now());
      const status = query.status.length > 0 ? { status: [...query.status] } : {};
      expect(listRunsQuerySchema.safeParse({ ...query, status: undefined, ...status }).success).toBe(true);
    }
  });

  it('counts a span back from now', () => {
    expect(toRunQuery(read('within=1h'), Date.parse('2026-11-21T12:00:00Z')).from).toBe('2026-11-21T11:00:00.000Z');
  });
});

describe('viewAddress', () => {
  it('keeps the rest of the filter and starts at the newest run', () => {
    expect(viewAddress(new URLSearchParams('q=slack&cursor=9&view=failed'), 'attention')).toBe(
      '?q=slack&view=attention',
    );
    expect(viewAddress(new URLSearchParams('view=failed'), 'all')).toBe('?');
  });
});
