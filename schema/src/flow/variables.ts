import { findTemplateReferences } from './expression/find-template-references.ts';
import { parseTemplate } from './expression/template.ts';
import type { ActionStep, Plan, PlanStep, PlanVariables, Template } from './plan.ts';

/** What a variable of an org holds. A `secret` is never in a run: its place is filled by the step's activity. */
export const variableTypes = ['string', 'number', 'boolean', 'json', 'secret'] as const;
export type VariableType = (typeof variableTypes)[number];

/** An org's variables by name, as far as a drawing's validation needs them. */
export type VariableTypes = ReadonlyMap<string, VariableType>;

export const variableNamePattern = /^[A-Z][A-Z0-9_]{0,63}$/;

/** What stands in a run in a secret's place, and is what the author wrote. */
export const secretPlaceholder = (name: string): string => `{{ env.${name} }}`;

/** The variable that an expression is, and nothing else. */
export const soleVariable = (expression: string): string | null =>
  /^\s*env\.([A-Z][A-Z0-9_]*)\s*$/.exec(expression)?.[1] ?? null;

/** The texts in a template in which secrets stand, with the way to each. */
export const secretPlaces = (
  template: Template,
  isSecret: (name: string) => boolean,
  path: readonly (string | number)[] = [],
): NonNullable<ActionStep['secrets']> => {
  if (typeof template === 'string') {
    const parsed = parseTemplate(template);
    const expressions = parsed.ok ? parsed.segments.flatMap((each) => (each.type === 'text' ? [] : [each.source])) : [];
    const names = new Set(expressions.map(soleVariable).filter((name) => name !== null && isSecret(name)));
    return names.size === 0 ? [] : [{ path, names: [...names].filter((name) => name !== null).toSorted() }];
  }
  if (typeof template !== 'object' || template === null) return [];
  const parts: [string | number, Template][] = Array.isArray(template)
    ? [...template.entries()]
    : Object.entries(template);
  return parts.flatMap(([key, part]) => secretPlaces(part, isSecret, [...path, key]));
};

/** The variables that a plan's runs begin with: those its own templates name, and those of its sub-flows. */
export const planVariables = (
  templates: readonly Template[],
  steps: readonly PlanStep[],
  types: VariableTypes = new Map(),
): Pick<Plan, 'variables'> => {
  const found: { [name: string]: PlanVariables[string] } = {};
  for (const template of templates) {
    for (const { path } of findTemplateReferences(template).references) {
      const [root, name] = path;
      if (root === 'env' && name !== undefined) found[name] = types.get(name) === 'secret' ? 'secret' : 'value';
    }
  }
  for (const step of steps) {
    if (step.type !== 'subflow') continue;
    for (const [name, kind] of Object.entries(step.plan.variables ?? {}))
      if (found[name] !== 'secret') found[name] = kind;
  }
  return Object.keys(found).length === 0 ? {} : { variables: found };
};
