import type { Run } from '@everwave/schema/api';
import { table } from './format.ts';

/** The runs that a run comes from and goes on in, and those of its sub-flows; one line or table each, none where there is none. */
export const describeRelations = (run: Run): string[] => [
  ...(run.parent ? [`Sub-flow of ${run.parent.runId}, step ${at(run.parent)}`] : []),
  ...(run.forkOfRunId ? [`Started again from ${run.forkOfRunId}, step ${run.forkAt}`] : []),
  ...(run.rerunOfRunId ? [`Run again of ${run.rerunOfRunId}`] : []),
  ...(run.supersededByRunId ? [`Goes on as ${run.supersededByRunId}`] : []),
  ...section(
    ['STARTED AGAIN AS', 'FROM', 'STATUS'],
    run.forks.map((fork) => [fork.id, fork.at, fork.status]),
  ),
  ...section(
    ['SUB-FLOW', 'RUN', 'STATUS', 'FLOW'],
    run.children.map((child) => [at(child), child.runId, child.status, child.flowName]),
  ),
];

/** As Temporal shows a step: `send`, and `send~2` after a repair. */
const at = ({ path, ordinal }: { readonly path: string; readonly ordinal: number }): string =>
  ordinal > 1 ? `${path}~${ordinal}` : path;

const section = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0 ? [] : ['', table([head, ...rows])];
