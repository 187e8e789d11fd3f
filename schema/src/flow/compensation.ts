import type { GraphEdge } from './graph.ts';

/** The port of edges that lead from a step to the step that undoes it. */
export const compensationPort = 'compensate';

/** An edge that nothing runs along in the normal course. */
export const isCompensation = ({ port }: Pick<GraphEdge, 'port'>): boolean => port === compensationPort;
