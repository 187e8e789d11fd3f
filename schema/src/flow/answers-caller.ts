import type { GraphNode } from './graph.ts';

/** Whether whoever calls this webhook waits for what the run says. */
export const waitsForAnswer = ({ kind, input }: Pick<GraphNode, 'kind' | 'input'>): boolean =>
  kind === 'trigger.webhook' && input['answer'] === 'result';

/** A flow that answers its callers: a failure is theirs to hear of, not a person's to repair, unless the drawing says so. */
export const answersCaller = (nodes: readonly Pick<GraphNode, 'kind' | 'input'>[]): boolean =>
  nodes.some(waitsForAnswer);
