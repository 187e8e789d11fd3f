export {
  durationSchema,
  flowGraphSchema,
  flowSettingsSchema,
  graphEdgeSchema,
  graphNodeSchema,
  nodePolicySchema,
  type FlowGraph,
  type FlowGraphInput,
  type FlowSettings,
  type GraphEdge,
  type GraphNode,
} from './graph.ts';
export type { Issue } from './issue.ts';
export type {
  ActionStep,
  Comparison,
  Condition,
  Duration,
  Json,
  OnFailure,
  Plan,
  PlanEdge,
  PlanRegion,
  PlanStep,
  RetryPolicy,
  Template,
} from './plan.ts';
