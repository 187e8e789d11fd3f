import type { Idempotency } from '../node/define-node.ts';
import type { ApprovalField } from './approval-form.ts';

/** JSON as it travels: what a trigger delivers, a step returns, a variable holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What an author wrote where a value is asked for: plain JSON in which each string may hold `{{ expression }}` segments.
 * Evaluated once, on the author's text only, never on data.
 */
export type Template = Json;

/** Temporal's own notation: `500ms`, `15s`, `2m`, `1h`, `30d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** What happens when a step's attempts are used up and neither an error edge nor a catch takes the failure. */
export type OnFailure = 'park' | 'fail' | 'continue';

/** One comparison of a condition, as the form builds it. `left` and `right` are templates. */
export interface Comparison {
  readonly left: Template;
  readonly operator:
    | 'equals'
    | 'notEquals'
    | 'greaterThan'
    | 'greaterOrEqual'
    | 'lessThan'
    | 'lessOrEqual'
    | 'contains'
    | 'startsWith'
    | 'endsWith'
    | 'matches'
    | 'exists'
    | 'notExists'
    | 'isTrue'
    | 'isFalse';
  readonly right?: Template;
}

/** A compound condition: all of, any of, none of, nested to any depth the author needs. */
export type Condition =
  | Comparison
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

/** `durable`: an activity that Temporal sees and retries. `express`: a local activity, done inside the workflow task. */
export type Lane = 'durable' | 'express';

/** Why a step may not run in the express lane, where a dead worker means that it is done again. */
export type DurableReason = 'spends' | 'cannot_be_repeated' | 'needs_own_queue';

export interface RetryPolicy {
  readonly initialInterval: Duration;
  readonly backoffCoefficient: number;
  readonly maximumInterval: Duration;
  readonly maximumAttempts: number;
  readonly nonRetryableErrorTypes: readonly string[];
}

interface StepBase {
  readonly id: string;
  /** The author's words, shown in our pages and in the Temporal UI. */
  readonly title: string;
  /** The region the step stands in; `root` for the flow itself. */
  readonly region: string;
  /** Place in the fixed dispatch order: topological, then by id. */
  readonly order: number;
  /** Indexes into `Plan.edges`. */
  readonly incoming: readonly number[];
  readonly outgoing: readonly number[];
}

export interface TriggerStep extends StepBase {
  readonly type: 'trigger';
  readonly kind: string;
}

export interface ActionStep extends StepBase {
  readonly type: 'action';
  /** The activity's Temporal name: `slack.postMessage@1`. */
  readonly activity: string;
  readonly input: Template;
  readonly connectionId: string | null;
  /** Texts of the input in which its activity puts secret variables in the places of their names. */
  readonly secrets?: readonly { readonly path: readonly (string | number)[]; readonly names: readonly string[] }[];
  readonly effect: 'reads' | 'writes' | 'spends';
  readonly idempotency: Idempotency['by'];
  /** Set when the author's input makes the step a read: what the node does to the world with an input that a person edits. */
  readonly whenEdited?: { readonly effect: 'reads' | 'writes' | 'spends'; readonly idempotency: Idempotency['by'] };
  readonly lane: Lane;
  /** Why a step of an express flow is durable all the same; absent in a durable flow. */
  readonly durableBecause?: DurableReason;
  readonly options: {
    readonly taskQueue: 'flow' | 'heavy' | 'code' | 'money';
    readonly startToCloseTimeout: Duration;
    readonly scheduleToCloseTimeout: Duration;
    readonly heartbeatTimeout?: Duration;
    readonly retry: RetryPolicy;
  };
  readonly onFailure: OnFailure;
  /** Paths of the output that later steps read (`body.total`), so that a large output need not travel. */
  readonly reads: readonly string[];
  /** The step that undoes this one, should a scope around it fail once it is done. */
  readonly undo?: string;
  /** Set on an undo step: it never runs in the normal course. */
  readonly undoes?: string;
}

export interface ConditionStep extends StepBase {
  readonly type: 'condition';
  readonly condition: Condition;
}

export interface SwitchStep extends StepBase {
  readonly type: 'switch';
  readonly value: Template;
  /** The first case equal to the value is taken, by its port; otherwise the port `default`. */
  readonly cases: readonly { readonly port: string; readonly equals: Template }[];
}

export interface ParallelStep extends StepBase {
  readonly type: 'parallel';
}

export interface MergeStep extends StepBase {
  readonly type: 'merge';
  readonly policy: JoinPolicy;
}

/** Which of its branches a merge waits for, and what becomes of those it does not wait for. */
export type JoinPolicy =
  | { readonly join: 'all' }
  | {
      /** Goes on when this many branches have arrived. */
      readonly join: 'count';
      readonly count: number;
      readonly others: 'continue' | 'cancel';
      /** Steps that lead to this merge and nowhere else: what `cancel` stops. */
      readonly before: readonly string[];
    };

export interface DelayStep extends StepBase {
  readonly type: 'delay';
  /** A duration such as `10m`, or a template that evaluates to one. */
  readonly duration: Template;
}

export interface WaitUntilStep extends StepBase {
  readonly type: 'waitUntil';
  /** A moment in ISO 8601 with its offset, or a template that evaluates to one. */
  readonly until: Template;
}

/** Waits for an event from outside, or takes one that came before. */
export interface WaitForEventStep extends StepBase {
  readonly type: 'waitForEvent';
  readonly event: string;
  readonly correlationKey: Template;
  /** Over the event's data: one that does not fit is passed over. Null takes any. */
  readonly match: Condition | null;
  /** Null waits for as long as the run may last. */
  readonly timeout: Template | null;
}

/** Waits for the decision of people. */
export interface ApprovalStep extends StepBase {
  readonly type: 'approval';
  /** Null for the step's title. */
  readonly subject: Template | null;
  readonly message: Template | null;
  readonly fields: readonly ApprovalField[];
  /** Every role that may answer. */
  readonly roles: readonly string[];
  /** E-mail addresses of those who may answer. */
  readonly people: Template;
  readonly approvals: number;
  readonly rejections: number;
  readonly timeout: Template | null;
}

/** Ends the run at once, whatever else goes on in it. */
export interface StopStep extends StepBase {
  readonly type: 'stop';
  readonly outcome: 'succeeded' | 'failed';
  /** What the run gives, or, as a text, why it fails. */
  readonly value: Template;
}

export interface SetVariablesStep extends StepBase {
  readonly type: 'setVariables';
  readonly variables: { readonly [name: string]: Template };
}

export interface ReturnStep extends StepBase {
  readonly type: 'return';
  readonly output: Template;
}

/** Answers the HTTP request that waits for this run. The run goes on. */
export interface RespondStep extends StepBase {
  readonly type: 'respond';
  readonly status: Template;
  readonly headers: { readonly [name: string]: Template };
  /** Null for no body. */
  readonly body: Template;
}

/** Runs another flow as a run of its own. */
export interface SubflowStep extends StepBase {
  readonly type: 'subflow';
  /** What it runs: the version that was live when this plan was compiled, with the sub-flows of its own inside. */
  readonly plan: Plan;
  readonly planHash: string;
  /** Where the other flow begins. */
  readonly trigger: { readonly stepId: string; readonly kind: string };
  /** What the other flow reads as `trigger.body`. */
  readonly input: Template;
  /** `wait`: gives what the other run gives. `detach`: goes on as soon as that one has started, and gives its id. */
  readonly mode: 'wait' | 'detach';
  readonly undo?: string;
}

/** Runs the steps in its frame once for each item of a list. */
export interface ForEachStep extends StepBase {
  readonly type: 'forEach';
  readonly items: Template;
  /** Items under way at the same time. */
  readonly concurrency: number;
  /**
   * A step in the frame that nothing catches: `park` treats it like a step outside of the loop, `collect` gives the item
   * up and goes on with the others, `stop` ends the loop as failed.
   */
  readonly onItemFailure: 'park' | 'collect' | 'stop';
  /** What one item gives; null for what its last steps give. */
  readonly result: Template | null;
  readonly timeLimit?: Duration;
  /** Set where the items of a long list can run in workflows of their own: from how many on, and how many in each. */
  readonly batches?: { readonly above: number; readonly size: number };
}

/** Runs the steps in its frame again and again while a condition holds. */
export interface WhileStep extends StepBase {
  readonly type: 'while';
  readonly condition: Condition;
  readonly check: 'before' | 'after';
  readonly maximumIterations: number;
  readonly result: Template | null;
  readonly timeLimit?: Duration;
}

/** Runs the steps in its frame; a failure in it that nothing inside takes leaves by the port `caught`. */
export interface TryStep extends StepBase {
  readonly type: 'try';
  /** Names of failures; null for all. */
  readonly catches: readonly string[] | null;
  readonly result: Template | null;
  readonly timeLimit?: Duration;
}

/** Stands in the frame of a try, and runs its own steps when that one ends, however it ends. */
export interface FinallyStep extends StepBase {
  readonly type: 'finally';
}

/** Steps that hold a region of their own. */
export type FrameStep = ForEachStep | WhileStep | TryStep | FinallyStep;

export type PlanStep =
  | TriggerStep
  | ActionStep
  | ConditionStep
  | SwitchStep
  | ParallelStep
  | MergeStep
  | DelayStep
  | SetVariablesStep
  | ReturnStep
  | RespondStep
  | WaitUntilStep
  | WaitForEventStep
  | ApprovalStep
  | StopStep
  | SubflowStep
  | FrameStep;

export interface PlanEdge {
  readonly from: string;
  /** `out`, `true`, `false`, `error`, `default`, or a switch case's port. */
  readonly port: string;
  readonly to: string;
}

/** A scope inside which the drawing is a DAG: the flow itself, or the frame of a step, whose id it then has. */
export interface PlanRegion {
  readonly id: string;
  readonly kind: 'root' | FrameStep['type'];
  /** The region in which the frame stands. */
  readonly parent: string | null;
  /** Step ids in dispatch order. */
  readonly steps: readonly string[];
}

/** Variables by name, as a run has them: a secret is there as `secretPlaceholder` alone. */
export type Variables = { readonly [name: string]: Json };

/** Variables that a plan's expressions read, by name. */
export type PlanVariables = { readonly [name: string]: 'value' | 'secret' };

/** What a run executes: closed, versioned JSON. Compiled once at publish, never read from the drawing again. */
export interface Plan {
  readonly planVersion: 1;
  readonly flowId: string;
  readonly flowVersion: number;
  readonly title: string;
  readonly regions: { readonly [id: string]: PlanRegion };
  readonly steps: { readonly [id: string]: PlanStep };
  readonly edges: readonly PlanEdge[];
  readonly settings: {
    readonly onFailure: OnFailure;
    /** How long a parked run waits for a person before it fails. */
    readonly parkLimit: Duration;
    readonly runTimeout: Duration;
    /** Absent in plans that are older than the setting: durable. */
    readonly lane?: Lane;
    /** Whether a run that is cancelled undoes what it has done. Absent in plans that are older than the setting. */
    readonly compensateOnCancel?: boolean;
  };
  /** What its expressions, and those of its sub-flows, read as `env`. Absent when they read none. */
  readonly variables?: PlanVariables;
  /** Every step can run in the express lane and none waits: many such runs can share one host workflow. */
  readonly hostable?: true;
}
