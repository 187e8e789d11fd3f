import type { RunStatus } from '@everwave/schema/run';
import * as z from 'zod';

export const runViews = ['all', 'attention', 'open', 'succeeded', 'failed', 'cancelled'] as const;
export type RunView = (typeof runViews)[number];

export const runViewLooks: Readonly<
  Record<RunView, { readonly label: string; readonly statuses: readonly RunStatus[] }>
> = {
  all: { label: 'All', statuses: [] },
  attention: { label: 'Needs attention', statuses: ['needs_attention'] },
  open: { label: 'In progress', statuses: ['queued', 'running', 'waiting'] },
  succeeded: { label: 'Succeeded', statuses: ['succeeded'] },
  failed: { label: 'Failed', statuses: ['failed'] },
  cancelled: { label: 'Cancelled', statuses: ['cancelled', 'superseded'] },
};

const hour = 3_600_000;
/** The time spans on offer, in ms. */
export const runSpans = { '1h': hour, '24h': 24 * hour, '7d': 168 * hour, '30d': 720 * hour } as const;
export type RunSpan = keyof typeof runSpans;
export const runSpanWords: Readonly<Record<RunSpan, string>> = {
  '1h': 'The last hour',
  '24h': 'The last 24 hours',
  '7d': 'The last 7 days',
  '30d': 'The last 30 days',
};

const filterSchema = z.object({
  view: z.enum(runViews).catch('all'),
  flow: z.string().min(1).max(80).optional().catch(undefined),
  within: z.enum(['1h', '24h', '7d', '30d']).optional().catch(undefined),
  q: z.string().trim().min(1).max(120).optional().catch(undefined),
  cursor: z.string().min(1).max(200).optional().catch(undefined),
});

export type RunFilter = z.infer<typeof filterSchema>;

/** The filter as the address says it; what makes no sense there is left out rather than refused. */
export const readRunFilter = (search: URLSearchParams): RunFilter => filterSchema.parse(Object.fromEntries(search));

/** The same filter as the api's query. `now` in Unix ms. */
export const toRunQuery = (filter: RunFilter, now: number) => ({
  status: runViewLooks[filter.view].statuses,
  flowId: filter.flow,
  from: filter.within ? new Date(now - runSpans[filter.within]).toISOString() : undefined,
  text: filter.q,
  cursor: filter.cursor,
  limit: 50,
});

/** The address of another view with the rest of the filter kept; a new view starts at its newest run. */
export const viewAddress = (search: URLSearchParams, view: RunView): string => {
  const next = new URLSearchParams(search);
  next.delete('cursor');
  if (view === 'all') next.delete('view');
  else next.set('view', view);
  return `?${next}`;
};
