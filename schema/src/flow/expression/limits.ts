/**
 * What one template may cost. Counted in steps, characters and bytes, never in time: a workflow's clock stands still
 * while it works, and a replay must stop at the same place.
 */
export const expressionLimits = {
  /** Characters of one `{{ }}` segment. */
  sourceLength: 8_000,
  /** Nesting of the syntax tree; what is accepted at publish then also fits every later stack. */
  syntaxDepth: 200,
  /** Evaluation steps of one template, all segments together. About 150 ms at worst. */
  steps: 50_000,
  /** Calls that wait for each other. Elements of one list literal count too, since JSONata starts them together. */
  callDepth: 4_000,
  /** Nested variable scopes. */
  frames: 500,
  /** Items of a list that an expression makes or walks. */
  sequence: 10_000,
  /** Characters of any text on the way. */
  text: 1_048_576,
  /** Characters of any value on the way, as JSON, shared parts counted each time they appear. */
  weight: 4_194_304,
  /** Nesting of any value. */
  depth: 200,
  /** Bytes of the evaluated template as JSON. */
  resultBytes: 1_048_576,
} as const;

/** The part of the limits that depends on where a template is evaluated. */
export type ExpressionLimits = { readonly [Name in keyof typeof expressionLimits]: number };
