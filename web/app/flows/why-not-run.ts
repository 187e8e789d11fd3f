import type { FlowSummary } from '@everwave/schema/api';

/** What has to happen before this flow can be started; null when nothing has to. */
export const whyNotRun = (flow: Pick<FlowSummary, 'status' | 'version'>): string | null => {
  if (flow.status === 'archived') return 'Bring the flow back from the archive first';
  if (flow.version === null) return 'Publish the flow first';
  return flow.status === 'inactive' ? 'Turn the flow on first' : null;
};
