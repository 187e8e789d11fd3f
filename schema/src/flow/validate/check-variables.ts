import { findTemplateReferences, type TemplateReference } from '../expression/find-template-references.ts';
import type { Issue } from '../issue.ts';
import { soleVariable, type VariableTypes } from '../variables.ts';
import type { GraphIndex, PlacedNode } from './graph-index.ts';

/** Every `env.NAME`: whether there is such a variable, and whether it may stand there. */
export const checkVariables = ({ nodes }: GraphIndex, types: VariableTypes | undefined): readonly Issue[] =>
  nodes.flatMap((placed) =>
    findTemplateReferences(placed.node.input)
      .references.filter(({ path: [root] }) => root === 'env')
      .flatMap((reference): Issue[] => {
        const problem = checkVariable(reference, placed, types);
        const { field, position } = reference;
        const place = { path: `nodes[${placed.index}].input.${field}`, nodeId: placed.node.id, field };
        if (!problem) return [];
        const message = `${problem.message} (at character ${position + 1})`;
        return [{ severity: 'error', code: problem.code, message, ...place }];
      }),
  );

const checkVariable = (
  { path: [, name], expression }: TemplateReference,
  { manifest }: PlacedNode,
  types: VariableTypes | undefined,
): { readonly code: string; readonly message: string } | null => {
  if (name === undefined) {
    return { code: 'unknown_reference', message: 'Variables are read one by one: write env.NAME.' };
  }
  if (manifest?.category === 'trigger') {
    const message = `A trigger cannot read env.${name}: there is no run yet whose variable it would be.`;
    return { code: 'unknown_reference', message };
  }
  if (!types) return null;
  const type = types.get(name);
  if (type === undefined) {
    const message = `There is no variable ${name}. Add it under Settings, Variables, or with: everwave variable set ${name}`;
    return { code: 'variable_missing', message };
  }
  if (type !== 'secret') return null;
  if (manifest?.category !== 'action') {
    const message = `${name} is secret: it can stand in the inputs of actions alone, since whatever else a run knows is recorded.`;
    return { code: 'secret_misplaced', message };
  }
  if (manifest.credential === null) {
    const message = `${name} is secret: ${manifest.title} reaches no service, and what it makes of a secret would be recorded. A secret can stand in actions that can have a connection alone.`;
    return { code: 'secret_misplaced', message };
  }
  if (soleVariable(expression) === name) return null;
  const message = `${name} is secret: an expression cannot compute with it. Write {{ env.${name} }} by itself, with text around it where needed.`;
  return { code: 'secret_misplaced', message };
};
