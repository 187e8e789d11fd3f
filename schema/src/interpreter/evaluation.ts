import { evaluateCondition, type EvaluatedCondition } from '../flow/expression/condition.ts';
import type { EvaluationRequest } from '../flow/expression/evaluation-request.ts';
import { EvaluationStop } from '../flow/expression/evaluation-stop.ts';
import {
  createEvaluator,
  type Evaluated,
  type EvaluatedOperand,
  type Evaluator,
  type ExpressionError,
  type ExpressionScope,
  type VisibleStep,
} from '../flow/expression.ts';
import { seedFor } from '../flow/expression/random.ts';
import { conditionReads, type Path, templateReads } from '../flow/expression/reading.ts';
import type { Condition, Json, Template } from '../flow/plan.ts';
import { valueLimits } from '../run/large-value.ts';
import type { Failure } from '../run/status.ts';
import { approvalUrl, type OutsideEvent } from '../run/waits.ts';
import { type LargePlace, lacks, largeInSight, plainReadOf, requestFor } from './large-in-sight.ts';
import { NeedsValue } from './needs-value.ts';
import { pathOf, type Place } from './place.ts';
import { scopeAt, scopeChain } from './scopes.ts';
import type { Evaluations, Excerpts, Resolved, ScopeState } from './state.ts';
import { stepAt, type Turn } from './turn.ts';
import type { Value } from './value.ts';

export type EvaluatedValue =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ExpressionError };

export type EvaluatedInput =
  | { readonly ok: true; readonly input: Json }
  | { readonly ok: true; readonly recipe: EvaluationRequest }
  | { readonly ok: false; readonly error: ExpressionError };

/**
 * Evaluates what a step is made of. Where that needs a value which is kept outside of the run, it throws a `NeedsValue`:
 * the value is then fetched by an activity, and whoever evaluates begins again, with the same time and what came of it.
 */
export interface StepEvaluator extends Evaluator {
  /** For what may as well be kept outside: what a step gives, a variable holds. */
  evaluateValue(template: Template, field: string): Promise<EvaluatedValue>;
  /** For what an activity takes: that one evaluates itself what needs a value from outside. */
  evaluateInput(template: Template): Promise<EvaluatedInput>;
  holds(condition: Condition, field: string): Promise<EvaluatedCondition>;
  /** What a condition reads of values that are kept outside: it is to be looked at later, and then at once. */
  excerptsFor(condition: Condition, field: string): Promise<EvaluatedExcerpts>;
}

export type EvaluatedExcerpts =
  | { readonly ok: true; readonly excerpts: Excerpts | null }
  | { readonly ok: false; readonly error: ExpressionError };

/** What a step's expressions see: settled steps of its scope, trigger, variables. All of one step's share a budget. */
export const evaluatorFor = (turn: Turn, place: Place): StepEvaluator =>
  evaluatorIn(turn, place.scope, { name: nameOf(turn, place), known: stepAt(turn, place).evaluations });

export interface ScopeEvaluation {
  /** Makes its randomness its own. */
  readonly name: string;
  /** Adds to the scope, or stands for the loop around. */
  readonly more?: Pick<ExpressionScope, 'loop' | 'event'>;
  /** What was evaluated outside; that of the scope when absent. */
  readonly known?: Evaluations | undefined;
  /** More of large values than was brought along with them, by their hash. */
  readonly excerpts?: Excerpts | undefined;
}

/** The same for what a step decides about an event that has arrived for it. */
export const evaluatorOf = (turn: Turn, place: Place, event: OutsideEvent): StepEvaluator =>
  evaluatorIn(turn, place.scope, {
    name: `${nameOf(turn, place)}#${event.id}`,
    more: { event: { ...event } },
    known: undefined,
    excerpts: stepAt(turn, place).excerpts,
  });

const nameOf = (turn: Turn, place: Place): string => `${pathOf(place)}~${stepAt(turn, place).ordinal}`;

/** The same for what is evaluated about a scope as a whole. */
export const evaluatorIn = (
  turn: Turn,
  scopePath: string,
  { name, more, excerpts, ...own }: ScopeEvaluation,
): StepEvaluator => {
  const { state, at } = turn;
  const known = 'known' in own ? own.known : scopeAt(turn, scopePath).evaluations;
  const chain = scopeChain(turn, scopePath);
  const scope: ExpressionScope = {
    trigger: state.trigger,
    steps: stepsInSight(turn, scopePath, chain),
    vars: state.vars,
    env: state.env,
    run: { ...state.run, startedAt: new Date(state.startedAt).toISOString() },
    ...iterationOf(turn, chain),
    ...more,
  };
  const large = largeInSight(turn, chain).map((place) => withMore(place, excerpts));
  const context = { now: known?.at ?? at, seed: seedFor(state.seed, name) };
  const evaluator = createEvaluator({ scope: withExcerpts(scope, large), context });
  turn.evaluators.push(evaluator);
  return withLargeValues(evaluator, { large, known: known?.done ?? {}, scope, ...context });
};

const withMore = ({ path, large }: LargePlace, excerpts: Excerpts = {}): LargePlace => {
  const { sha256 } = large.reference;
  const excerpt = Object.hasOwn(excerpts, sha256) ? excerpts[sha256] : undefined;
  return { path, large: { ...large, ...(excerpt && { excerpt }) } };
};

interface Sight {
  readonly large: readonly LargePlace[];
  readonly known: { readonly [field: string]: Resolved };
  readonly scope: ExpressionScope;
  readonly now: number;
  readonly seed: number;
}

const withLargeValues = (evaluator: Evaluator, sight: Sight): StepEvaluator => {
  const { large, known, scope, now, seed } = sight;

  const needs = (reads: readonly Path[]): boolean => large.some((place) => lacks(place, reads));

  /** What came of an evaluation outside. Throws a `NeedsValue` when that has not been done. */
  const outside = (
    work: EvaluationRequest['work'] & { readonly field: string },
    reads: readonly Path[],
    inline?: number,
  ) => {
    const { field } = work;
    const resolved = Object.hasOwn(known, field) ? known[field] : undefined;
    if (resolved) return resolved;
    throw new NeedsValue(field, { ...requestFor(work, { reads, large, scope }), now, seed, ...(inline && { inline }) });
  };

  const operand = async (template: Template, field: string): Promise<EvaluatedOperand | null> => {
    const reads = large.length === 0 ? [] : templateReads(template);
    if (!needs(reads)) return null;
    return asStopped(field, () => {
      const resolved = outside({ type: 'template', template, field, mayBeMissing: true }, reads, inlineAtMost);
      if ('error' in resolved) return { ok: false, error: resolved.error };
      if ('large' in resolved) return { ok: false, error: tooLargeHere(field, resolved.large.reference.bytes) };
      return { ok: true, value: resolved.value };
    });
  };

  return {
    evaluate: async (template, field): Promise<Evaluated> => {
      const found = await operand(template, field);
      if (!found) return evaluator.evaluate(template, field);
      if (!found.ok) return found;
      const { value } = found;
      return value === undefined ? { ok: false, error: nothingHere(field) } : { ok: true, value };
    },
    evaluateOperand: async (template, field) =>
      (await operand(template, field)) ?? evaluator.evaluateOperand(template, field),
    evaluateValue: async (template, field) => {
      const passed = plainReadOf(template, large);
      if (passed) return { ok: true, value: { large: passed } };
      const reads = large.length === 0 ? [] : templateReads(template);
      if (!needs(reads)) {
        const evaluated = await evaluator.evaluate(template, field);
        return evaluated.ok ? { ok: true, value: { output: evaluated.value } } : evaluated;
      }
      return asStopped(field, () => {
        const resolved = outside({ type: 'template', template, field }, reads);
        if ('error' in resolved) return { ok: false, error: resolved.error };
        if ('large' in resolved) return { ok: true, value: { large: resolved.large } };
        return { ok: true, value: { output: resolved.value ?? null } };
      });
    },
    evaluateInput: async (template) => {
      const reads = large.length === 0 ? [] : templateReads(template);
      if (!needs(reads)) {
        const evaluated = await evaluator.evaluate(template, '');
        return evaluated.ok ? { ok: true, input: evaluated.value } : evaluated;
      }
      return asStopped('', () => ({
        ok: true,
        recipe: { ...requestFor({ type: 'template', template, field: '' }, { reads, large, scope }), now, seed },
      }));
    },
    holds: async (condition, field) => {
      const reads = large.length === 0 ? [] : conditionReads(condition);
      if (!needs(reads)) return evaluateCondition(condition, evaluator, field);
      return asStopped(field, () => {
        const resolved = outside({ type: 'condition', condition, field }, reads);
        if ('error' in resolved) return { ok: false, error: resolved.error };
        return { ok: true, value: 'value' in resolved && resolved.value === true };
      });
    },
    excerptsFor: async (condition, field) => {
      const reads = large.length === 0 ? [] : conditionReads(condition);
      if (!needs(reads)) return { ok: true, excerpts: null };
      return asStopped(field, () => {
        const resolved = outside({ type: 'excerpts', reads, field }, reads, inlineAtMost);
        if ('error' in resolved) return { ok: false, error: resolved.error };
        if ('large' in resolved) return { ok: false, error: tooLargeHere(field, resolved.large.reference.bytes) };
        return { ok: true, excerpts: (resolved.value ?? {}) as unknown as Excerpts };
      });
    },
    charge: (steps) => evaluator.charge(steps),
    get spent() {
      return evaluator.spent;
    },
    get bytes() {
      return evaluator.bytes;
    },
  };
};

/** Bytes of what a control step looks at itself: as much as a loop may have of items. */
const inlineAtMost = 16 * valueLimits.inline;

const tooLargeHere = (field: string, bytes: number): ExpressionError => ({
  code: 'too_large',
  field,
  message: `This gives ${bytes} bytes as JSON; here ${inlineAtMost} are possible. Read the part of it that is needed, such as a field or a count.`,
});

const nothingHere = (field: string): ExpressionError => ({
  code: 'no_value',
  field,
  message: 'This gives no value here. Check the spelling, or give a value for this case: $exists(…) ? … : "".',
});

/** A scope that cannot be handed on ends its step, not the run. */
const asStopped = <T>(field: string, work: () => T): T | { readonly ok: false; readonly error: ExpressionError } => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EvaluationStop)) throw error;
    return { ok: false, error: { code: error.code, message: error.message, field } };
  }
};

/** What was brought along of large outputs stands where these belong. */
const withExcerpts = (scope: ExpressionScope, large: readonly LargePlace[]): ExpressionScope => {
  if (large.length === 0) return scope;
  const steps: { [stepId: string]: VisibleStep } = { ...scope.steps };
  const vars: { [name: string]: Json } = { ...scope.vars };
  for (const { path, large: value } of large) {
    const [root, name = ''] = path;
    if (!value.excerpt) continue;
    if (root === 'steps') steps[name] = { ...steps[name], output: value.excerpt.value };
    else vars[name] = value.excerpt.value;
  }
  return { ...scope, steps, vars };
};

/** What has ended in the scope itself and in those around it, the pages of their approvals, and the iterations that the scope stands in. */
const stepsInSight = (
  { plan, state }: Turn,
  scopePath: string,
  chain: readonly ScopeState[],
): ExpressionScope['steps'] => {
  const seen: { [stepId: string]: VisibleStep } = { [state.triggerStepId]: { output: state.trigger } };
  let path = scopePath;
  for (const { steps, owner, index, item } of chain) {
    for (const [stepId, { output, failure }] of Object.entries(steps)) {
      const url =
        plan.steps[stepId]?.type === 'approval'
          ? { url: approvalUrl(state.run.url, pathOf({ scope: path, stepId })) }
          : null;
      if (output === undefined && failure === undefined && !url) continue;
      seen[stepId] = {
        ...(output !== undefined && { output }),
        ...(failure && { failure: toVisible(failure) }),
        ...url,
      };
    }
    if (owner && index !== undefined) seen[owner.stepId] = { index, ...(item !== undefined && { item }) };
    path = owner?.scope ?? path;
  }
  return seen;
};

const iterationOf = (turn: Turn, chain: readonly ScopeState[]): Pick<ExpressionScope, 'item' | 'loop'> => {
  const inner = chain.find(({ index }) => index !== undefined);
  if (inner?.index === undefined || !inner.owner) return {};
  const { loop } = stepAt(turn, inner.owner);
  const count = loop?.part?.count ?? loop?.items?.length;
  return {
    ...(inner.item !== undefined && { item: inner.item }),
    loop: { index: inner.index, ...(count !== undefined && { count }) },
  };
};

/** What an error edge's target sees of a failure. */
const toVisible = ({ name, message, advice, attempt }: Failure): Json => ({
  name,
  message,
  ...(advice !== undefined && { advice }),
  ...(attempt !== undefined && { attempt }),
});

/** An expression's error as the failure of its step. */
export const toExpressionFailure = ({ field, position, message }: ExpressionError): Failure => ({
  name: 'expression_failed',
  message: [
    ...(field === '' ? [] : [field]),
    ...(position === undefined ? [] : [`at character ${position + 1}`]),
    message,
  ].join(': '),
  advice: 'Correct the expression and publish the flow. This run can go on if you complete or skip the step.',
});
