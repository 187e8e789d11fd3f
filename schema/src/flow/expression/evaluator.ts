import type { Json, Template } from '../plan.ts';
import type { CompiledExpression } from './compile-expression.ts';
import { compiledExpression } from './compiled-expressions.ts';
import { EvaluationStop } from './evaluation-stop.ts';
import { explainFailure, type ExpressionFailure } from './explain-failure.ts';
import { createGuard } from './guard.ts';
import { expressionLimits, type ExpressionLimits } from './limits.ts';
import { createRandom } from './random.ts';
import { hasExpression, parseTemplate, type Segment } from './template.ts';
import { createJsonWriter, NotJson } from './to-json.ts';

/** What an expression can read. Only the author's text is evaluated; these values never are. */
export interface ExpressionScope {
  readonly trigger: Json;
  readonly steps: { readonly [stepId: string]: VisibleStep };
  readonly vars: { readonly [name: string]: Json };
  readonly env: { readonly [name: string]: Json };
  readonly run: { readonly id: string; readonly url: string; readonly flowName: string; readonly startedAt: string };
  /** The current item, inside a loop over items. */
  readonly item?: Json;
  /** Inside a loop: which iteration this is, from 0, and of how many where that is known. */
  readonly loop?: { readonly index: number; readonly count?: number };
  /** Where a step decides about an event that has arrived for it. */
  readonly event?: Json;
}

/** What expressions see of a step. A loop around the reader shows its item and index. */
export interface VisibleStep {
  readonly output?: Json;
  readonly failure?: Json;
  readonly item?: Json;
  readonly index?: number;
  /** An approval's page, known before anybody has answered. */
  readonly url?: string;
}

/** Names that an expression's scope has. */
export const scopeNames = ['trigger', 'steps', 'vars', 'item', 'loop', 'event', 'env', 'run'] as const;

/** Time and randomness are arguments: the same arguments give the same value, for ever. */
export interface EvaluationContext {
  /** Unix ms, for `$now()` and `$millis()`. */
  readonly now: number;
  /** Seeds `$random()` and `$shuffle()`. */
  readonly seed: number;
}

export interface ExpressionError extends ExpressionFailure {
  /** The template's field, as the node's form shows it: `headers.accept`. Empty for the template as a whole. */
  readonly field: string;
}

export type Evaluated =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly error: ExpressionError };

export type EvaluatedOperand =
  | { readonly ok: true; readonly value: Json | undefined }
  | { readonly ok: false; readonly error: ExpressionError };

/** Evaluates the templates of one step. All of them share one budget. */
export interface Evaluator {
  evaluate(template: Template, field: string): Promise<Evaluated>;
  /** The same, but a template that is one expression may give nothing: `undefined`. */
  evaluateOperand(template: Template, field: string): Promise<EvaluatedOperand>;
  /** Adds work done outside an expression, in steps. Throws `EvaluationStop`. */
  charge(steps: number): void;
  /** Steps spent so far. */
  readonly spent: number;
  /** Bytes of JSON given so far. */
  readonly bytes: number;
}

/** Ends an evaluation inside; becomes an `ExpressionError` at the door. */
class Failed extends Error {
  readonly error: ExpressionError;

  constructor(error: ExpressionError) {
    super(error.message);
    this.error = error;
  }
}

const fieldOf = (field: string, key: string | number): string => {
  if (typeof key === 'number') return `${field}[${key}]`;
  return field === '' ? key : `${field}.${key}`;
};

const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

export interface EvaluatorArguments {
  readonly scope: ExpressionScope;
  readonly context: EvaluationContext;
  readonly limits?: ExpressionLimits;
}

export const createEvaluator = ({ scope, context, limits = expressionLimits }: EvaluatorArguments): Evaluator => {
  const guard = createGuard(limits);
  const writer = createJsonWriter(limits);
  const session = { guard, now: context.now, random: createRandom(context.seed) };

  const compile = (source: string): CompiledExpression => {
    const compilation = compiledExpression(source);
    if (!compilation.ok) throw new Failed({ ...compilation.failure, field: '' });
    return compilation.expression;
  };

  const run = async (segment: Extract<Segment, { type: 'expression' }>, field: string): Promise<unknown> => {
    try {
      const expression = compile(segment.source);
      const value = await expression.evaluate(scope, session);
      return value === undefined ? undefined : writer.write(value);
    } catch (error) {
      // JSONata may still work on the branches beside the one that failed.
      guard.close();
      if (error instanceof Failed) throw new Failed(placed(error.error, field, segment.start));
      if (error instanceof NotJson) {
        throw new Failed({ code: 'not_json', message: error.message, field, position: segment.start });
      }
      throw new Failed(placed(explainFailure(error, 'failed'), field, segment.start));
    }
  };

  const evaluateText = async (text: string, field: string, mayBeMissing: boolean): Promise<Json | undefined> => {
    if (!hasExpression(text)) return writer.write(text);
    const parsed = parseTemplate(text);
    if (!parsed.ok) throw new Failed({ code: 'syntax', message: parsed.message, field, position: parsed.position });
    const [first] = parsed.segments;
    const isWhole = parsed.segments.length === 1 && first?.type === 'expression';
    let result = '';
    for (const segment of parsed.segments) {
      if (segment.type === 'text') {
        result += segment.text;
        continue;
      }
      const value = await run(segment, field);
      if (isWhole && (value !== undefined || mayBeMissing)) return value as Json | undefined;
      if (value === undefined) throw new Failed(nothing(segment.source, field, segment.start));
      result += toText(value);
      if (result.length > limits.text) {
        throw new Failed({ code: 'too_large', message: 'The text becomes too long.', field, position: segment.start });
      }
    }
    return writer.write(result);
  };

  const evaluateAny = async (template: Template, field: string): Promise<Json> => {
    if (typeof template === 'string') return (await evaluateText(template, field, false)) as Json;
    if (typeof template !== 'object' || template === null) return template;
    if (isList(template)) {
      const items: Json[] = [];
      for (const [index, item] of template.entries()) items.push(await evaluateAny(item, fieldOf(field, index)));
      return items;
    }
    const members: [string, Json][] = [];
    for (const [key, member] of Object.entries(template)) {
      members.push([key, await evaluateAny(member, fieldOf(field, key))]);
    }
    return Object.fromEntries(members);
  };

  const settle = async <T>(field: string, work: () => Promise<T>) => {
    try {
      return { ok: true, value: await work() } as const;
    } catch (error) {
      if (error instanceof Failed) return { ok: false, error: error.error } as const;
      if (error instanceof EvaluationStop)
        return { ok: false, error: { ...explainFailure(error, 'failed'), field } } as const;
      throw error;
    }
  };

  return {
    evaluate: async (template, field) => settle(field, async () => evaluateAny(template, field)),
    evaluateOperand: async (template, field) =>
      settle(field, async () =>
        typeof template === 'string' ? evaluateText(template, field, true) : evaluateAny(template, field),
      ),
    charge: (steps) => guard.charge(steps),
    get spent() {
      return guard.spent;
    },
    get bytes() {
      return writer.bytes;
    },
  };
};

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const placed = (failure: ExpressionFailure, field: string, start: number): ExpressionError => ({
  ...failure,
  field,
  position: start + (failure.position ?? 0),
});

const nothing = (source: string, field: string, position: number): ExpressionError => ({
  code: 'no_value',
  field,
  position,
  message: `"${source.trim().slice(0, 80)}" gives no value here. Check the spelling, or give a value for this case: $exists(…) ? … : "".`,
});
