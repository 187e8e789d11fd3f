import { unreachable } from '#app/words/unreachable.ts';
import { type GraphEdge, isCompensation } from '@everwave/schema/flow';
import type { StepView } from './step-view.ts';

/** `plain`: no run in view. `open`: not decided yet. `taken`: the run went this way. `dead`: it will not. */
export type EdgeState = 'plain' | 'open' | 'taken' | 'dead';

/** Ways out that a step takes when it fails. */
const takesFailures = (port: string): boolean => port === 'error' || port === 'caught';
const hasChoice = (port: string): boolean => port !== 'out' && !takesFailures(port);

/** What a run made of an edge, read from the states at its two ends. */
export const edgeStateOf = (edge: GraphEdge, steps: ReadonlyMap<string, StepView>): EdgeState => {
  const source = steps.get(edge.from);
  const target = steps.get(edge.to);
  if (!source) return 'open';
  // An undo step runs, if at all, after the step has ended, and after everything else.
  if (isCompensation(edge)) {
    if (!target || target.status === 'pending') return 'open';
    return target.status === 'skipped' && target.attempts === 0 ? 'dead' : 'taken';
  }
  switch (source.status) {
    case 'succeeded':
    case 'simulated':
      if (takesFailures(edge.port)) return 'dead';
      if (!hasChoice(edge.port)) return 'taken';
      if (source.port !== null) return source.port === edge.port ? 'taken' : 'dead';
      if (!target || target.status === 'pending') return 'open';
      return target.status === 'skipped' ? 'dead' : 'taken';
    case 'failed':
      return takesFailures(edge.port) ? 'taken' : 'dead';
    case 'skipped':
      // Skipped by a person after attempts: the run went on behind it. Otherwise nothing ever came this way.
      return source.attempts > 0 && !takesFailures(edge.port) ? 'taken' : 'dead';
    case 'cancelled':
      return 'dead';
    case 'pending':
    case 'running':
    case 'retrying':
    case 'waiting':
    case 'needs_attention':
      return 'open';
    default:
      throw unreachable(source.status);
  }
};
