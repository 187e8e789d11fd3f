import {
  createEvaluator,
  type Evaluated,
  type EvaluationContext,
  type ExpressionScope,
} from './expression/evaluator.ts';
import type { Template } from './plan.ts';

export { evaluateCondition, isEqual, type EvaluatedCondition } from './expression/condition.ts';
export {
  createEvaluator,
  scopeNames,
  type VisibleStep,
  type Evaluated,
  type EvaluatedOperand,
  type EvaluationContext,
  type Evaluator,
  type EvaluatorArguments,
  type ExpressionError,
  type ExpressionScope,
} from './expression/evaluator.ts';
export {
  findTemplateReferences,
  type TemplateReference,
  type TemplateSurvey,
} from './expression/find-template-references.ts';
export {
  evaluateRequest,
  type EvaluationReply,
  type EvaluationRequest,
} from './expression/evaluation-request.ts';
export { excerptOf } from './expression/excerpt.ts';
export { expressionLimits } from './expression/limits.ts';
export { hasExpression, parseTemplate, type ParsedText, type Segment } from './expression/template.ts';

/**
 * Evaluates every `{{ }}` segment of a template, in depth. A string that is one expression keeps the value's type; in
 * other text each value is written as text. Never throws for what an author wrote or a run delivered.
 */
export const evaluateTemplate = async (
  template: Template,
  scope: ExpressionScope,
  context: EvaluationContext,
): Promise<Evaluated> => createEvaluator({ scope, context }).evaluate(template, '');
