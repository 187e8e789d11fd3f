export { answersCaller, waitsForAnswer } from './answers-caller.ts';
export { toFormSchema, type ApprovalField, type FormProblem } from './approval-form.ts';
export { toCanonicalJson } from './canonical-json.ts';
export { type Collect } from './collect.ts';
export { collectOf } from './collect-of.ts';
export { compensationPort, isCompensation } from './compensation.ts';
export { compileFlow, type CompileArguments, type Compiled } from './compile.ts';
export { conditionSchema, operatorTitles } from './conditions.ts';
export { coreManifests, portsOf, webhookInputSchema } from './core-nodes.ts';
export { isDuration, toMilliseconds } from './duration.ts';
export { readableFrom, type Readable } from './earlier-steps.ts';
export { generationOfFork, numberOfFork } from './generation.ts';
export { type FileValue, fileLimits, fileSchema, toFileName, toMediaType } from './file.ts';
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
export { fromExport, toExport, type FlowExport, type Imported, type PortableFlow } from './import-export.ts';
export type { Issue } from './issue.ts';
export { mergePatch } from './merge-patch.ts';
export type {
  ActionStep,
  ApprovalStep,
  Comparison,
  Condition,
  Duration,
  DurableReason,
  Json,
  Lane,
  OnFailure,
  Plan,
  PlanEdge,
  PlanRegion,
  PlanStep,
  PlanVariables,
  RetryPolicy,
  SubflowStep,
  Template,
  Variables,
  WaitForEventStep,
} from './plan.ts';
export { effectOf, resolveEffect } from './resolve-effect.ts';
export {
  overlapPolicies,
  scheduleInputSchema,
  type OverlapPolicy,
  type Schedule,
  type ScheduleTimes,
} from './schedule/schedule.ts';
export { fireData } from './schedule/fire-data.ts';
export { scheduleOf } from './schedule/schedule-of.ts';
export { type Subflow, subflowIdOf, type Subflows } from './subflows.ts';
export {
  secretPlaceholder,
  variableNamePattern,
  variableTypes,
  type VariableType,
  type VariableTypes,
} from './variables.ts';
export { validateFlow, type ConnectionSummary, type ValidateOptions } from './validate.ts';
