import type { NodeManifest } from '../node/manifest.ts';
import type { FlowGraph } from './graph.ts';
import type { Issue } from './issue.ts';
import type { Subflows } from './subflows.ts';
import type { VariableTypes } from './variables.ts';
import { checkCollect } from './validate/check-collect.ts';
import { checkCompensation } from './validate/check-compensation.ts';
import { checkExpressions } from './validate/check-expressions.ts';
import { checkLane } from './validate/check-lane.ts';
import {
  checkConnections,
  checkInputs,
  checkLimits,
  checkPolicies,
  type ConnectionSummary,
} from './validate/check-settings.ts';
import { checkFrames } from './validate/check-frames.ts';
import { checkEdges, checkFlow, checkNodes } from './validate/check-structure.ts';
import { checkRespond } from './validate/check-respond.ts';
import { checkSchedule } from './validate/check-schedule.ts';
import { checkSubflows } from './validate/check-subflows.ts';
import { checkVariables } from './validate/check-variables.ts';
import { checkWaits } from './validate/check-waits.ts';
import { indexGraph } from './validate/graph-index.ts';

export type { ConnectionSummary } from './validate/check-settings.ts';

export interface ValidateOptions {
  /** The org's connections. Without them only the absence of a needed connection is reported, not a wrong one. */
  readonly connections?: readonly ConnectionSummary[];
  /** The flows that the drawing runs as sub-flows. Without them nothing is said about them. */
  readonly subflows?: Subflows;
  /** The org's variables. Without them only what no variable may be read in is reported. */
  readonly variables?: VariableTypes;
  /** The drawing's own flow: it may not run inside itself. */
  readonly flowId?: string;
}

/**
 * Everything wrong with a drawing, each with its place on the canvas. An empty list, or one with warnings only, can be
 * published. `manifests` are the connectors' nodes; triggers and control nodes are known here.
 */
export const validateFlow = (
  graph: FlowGraph,
  manifests: readonly NodeManifest[],
  options: ValidateOptions = {},
): readonly Issue[] => {
  const index = indexGraph(graph, manifests);
  return [
    ...checkFlow(index),
    ...checkNodes(index),
    ...checkEdges(index),
    ...checkFrames(index),
    ...checkCompensation(index),
    ...checkInputs(index),
    ...checkExpressions(index),
    ...checkVariables(index, options.variables),
    ...checkConnections(index, options.connections),
    ...checkPolicies(index),
    ...checkLimits(index),
    ...checkLane(index),
    ...checkSubflows(index, options.subflows, options.flowId),
    ...checkWaits(index),
    ...checkRespond(index),
    ...checkCollect(index),
    ...checkSchedule(index),
  ];
};
