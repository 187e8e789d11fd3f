import type { Template } from '../plan.ts';
import { compiledExpression } from './compiled-expressions.ts';
import type { ExpressionError } from './evaluator.ts';
import { hasExpression, parseTemplate } from './template.ts';

/** One path that a template reads, with its place. An empty path means that everything may be read. */
export interface TemplateReference {
  readonly path: readonly string[];
  readonly field: string;
  readonly position: number;
  /** The expression that reads it. */
  readonly expression: string;
}

export interface TemplateSurvey {
  readonly references: readonly TemplateReference[];
  readonly errors: readonly ExpressionError[];
}

const isList = (template: Template): template is readonly Template[] => Array.isArray(template);

/** Every reference and every mistake in a template's expressions. Evaluates nothing. */
export const findTemplateReferences = (template: Template, field = ''): TemplateSurvey => {
  if (typeof template === 'string') return surveyText(template, field);
  if (typeof template !== 'object' || template === null) return { references: [], errors: [] };
  const parts = isList(template)
    ? template.map((item, index) => findTemplateReferences(item, `${field}[${index}]`))
    : Object.entries(template).map(([key, member]) =>
        findTemplateReferences(member, field === '' ? key : `${field}.${key}`),
      );
  return {
    references: parts.flatMap(({ references }) => references),
    errors: parts.flatMap(({ errors }) => errors),
  };
};

const surveyText = (text: string, field: string): TemplateSurvey => {
  if (!hasExpression(text)) return { references: [], errors: [] };
  const parsed = parseTemplate(text);
  if (!parsed.ok) {
    return { references: [], errors: [{ code: 'syntax', message: parsed.message, field, position: parsed.position }] };
  }
  const references: TemplateReference[] = [];
  const errors: ExpressionError[] = [];
  for (const segment of parsed.segments) {
    if (segment.type === 'text') continue;
    const compiled = compiledExpression(segment.source);
    if (compiled.ok) {
      for (const { path, position } of compiled.expression.references) {
        references.push({ path, field, position: segment.start + position, expression: segment.source });
      }
    } else {
      const { position = 0 } = compiled.failure;
      errors.push({ ...compiled.failure, field, position: segment.start + position });
    }
  }
  return { references, errors };
};
