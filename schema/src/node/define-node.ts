import type * as z from 'zod';
import type { Duration } from '../flow/plan.ts';
import type { CredentialDefinition } from './define-credential.ts';

/** How a second attempt avoids a second effect. */
export type Idempotency =
  /** Reading, or setting a value: doing it twice is doing it once. */
  | { readonly by: 'nature' }
  /** The vendor honours our key, sent in this header or field, and remembers it for `keyLife` (absent: for ever). */
  | { readonly by: 'provider-key'; readonly sentAs: string; readonly keyLife?: Duration }
  /** The vendor can be asked whether it happened: the implementation has `findEarlier`. */
  | { readonly by: 'lookup' }
  /** We store the intent before acting on it: the implementation uses `step.once`. */
  | { readonly by: 'checkpoint' }
  /** Nothing prevents a double; `duplicates` says in words what the builder risks. An unsure effect parks. */
  | { readonly by: 'nobody'; readonly duplicates: string };

/** A field of the input, by name, and the values of it that make a step a read. */
export interface ReadsWhen {
  readonly field: string;
  readonly oneOf: readonly string[];
}

export interface Example<Input, Output> {
  readonly title: string;
  readonly input: Input;
  readonly output: Output;
}

/** The contract of a working node: data only. The effect stands beside it in `activity.ts`. */
export interface NodeDefinition<
  Kind extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Credential extends CredentialDefinition | null = CredentialDefinition | null,
  Failure extends string = string,
  Meter extends string = string,
  Safety extends Idempotency = Idempotency,
> {
  /** `slack.postMessage`: connector, then verb. With the version, `slack.postMessage@1`, the activity's name in Temporal. */
  readonly kind: Kind;
  readonly version: number;
  /** Palette and canvas. */
  readonly title: string;
  /** One sentence; also the first line of the node's help. */
  readonly summary: string;
  /** Test runs of a flow simulate `writes` and `spends`. */
  readonly effect: 'reads' | 'writes' | 'spends';
  /**
   * Where the input decides: with one of these values in this field, written literally or by default, the step only
   * reads, and repeating it changes nothing.
   */
  readonly readsWhen?: ReadsWhen;
  readonly credential: Credential;
  /** True when the node also works without a connection. */
  readonly credentialOptional?: boolean;
  readonly input: Input;
  readonly output: Output;
  /** Name of each failure the node can end with → what a person should do about it. */
  readonly failures: Readonly<Record<Failure, string>>;
  readonly activity: {
    /** Default `flow`: eager dispatch needs workflow and activity on one queue. */
    readonly taskQueue?: 'flow' | 'heavy' | 'code' | 'money';
    readonly startToCloseTimeout: Duration;
    readonly scheduleToCloseTimeout: Duration;
    readonly heartbeatTimeout?: Duration;
    readonly retry: {
      readonly initialInterval: Duration;
      readonly maximumInterval: Duration;
      readonly maximumAttempts: number;
      readonly nonRetryableErrorTypes: readonly NoInfer<Failure>[];
    };
  };
  readonly idempotency: Safety;
  /** What the node counts (tokens, fees) → its unit. Amounts are facts; prices live elsewhere. */
  readonly meters: Readonly<Record<Meter, { readonly unit: string }>>;
  readonly examples: readonly [
    Example<z.input<NoInfer<Input>>, z.input<NoInfer<Output>>>,
    ...Example<z.input<NoInfer<Input>>, z.input<NoInfer<Output>>>[],
  ];
  readonly deprecated?: { readonly use: string };
}

// oxlint-disable typescript/no-explicit-any -- the widest definition accepts every failure and meter name
export type AnyNodeDefinition = NodeDefinition<
  string,
  z.ZodType,
  z.ZodType,
  CredentialDefinition | null,
  any,
  any,
  Idempotency
>;
// oxlint-enable typescript/no-explicit-any

export const defineNode = <
  const Kind extends string,
  const Input extends z.ZodType,
  const Output extends z.ZodType,
  const Credential extends CredentialDefinition | null,
  const Failure extends string,
  const Safety extends Idempotency,
  const Meter extends string = never,
  const Optional extends boolean = false,
>(
  definition: NodeDefinition<Kind, Input, Output, Credential, Failure, Meter, Safety> & {
    readonly credentialOptional?: Optional;
  },
): NodeDefinition<Kind, Input, Output, Credential, Failure, Meter, Safety> & {
  readonly credentialOptional?: Optional;
} => definition;

/** The activity's Temporal name. */
export const activityNameOf = (definition: Pick<AnyNodeDefinition, 'kind' | 'version'>): string =>
  `${definition.kind}@${definition.version}`;
