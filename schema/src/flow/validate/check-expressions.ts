import { scopeNames } from '../expression/evaluator.ts';
import { findTemplateReferences, type TemplateReference } from '../expression/find-template-references.ts';
import type { Issue } from '../issue.ts';
import type { GraphIndex, PlacedNode } from './graph-index.ts';

interface Problem {
  readonly severity?: Issue['severity'];
  readonly code: string;
  readonly message: string;
}

const roots: readonly string[] = scopeNames;

/** Names of the variables that each `control.setVariables` sets, by step. */
const findVariables = ({ nodes }: GraphIndex): ReadonlyMap<string, readonly string[]> =>
  new Map(
    nodes
      .filter(({ node }) => node.kind === 'control.setVariables')
      .map(({ node }) => {
        const { variables } = node.input;
        const isObject = typeof variables === 'object' && variables !== null && !Array.isArray(variables);
        return [node.id, isObject ? Object.keys(variables) : []];
      }),
  );

/** Every expression: its syntax, and whether what it refers to exists and comes before. */
export const checkExpressions = (index: GraphIndex): readonly Issue[] => {
  const variables = findVariables(index);
  return index.nodes.flatMap((placed) => {
    const { node } = placed;
    const { references, errors } = findTemplateReferences(node.input);
    const place = (field: string) => ({ path: `nodes[${placed.index}].input.${field}`, nodeId: node.id, field });
    const mistakes = errors.map(({ message, position, field }): Issue => {
      const where = position === undefined ? '' : ` (at character ${position + 1})`;
      return { severity: 'error', code: 'bad_expression', message: `${message}${where}`, ...place(field) };
    });
    const dangling = references.flatMap((reference): Issue[] => {
      const problem = checkReference(reference, placed, index, variables);
      return problem ? [{ severity: 'error', ...problem, ...place(reference.field) }] : [];
    });
    return [...mistakes, ...dangling];
  });
};

const checkReference = (
  { path }: TemplateReference,
  placed: PlacedNode,
  index: GraphIndex,
  variables: ReadonlyMap<string, readonly string[]>,
): Problem | null => {
  const [root, name] = path;
  if (root === undefined) return null;
  if (!roots.includes(root)) {
    const message = `There is nothing called ${root} here. Expressions can read: ${roots.join(', ')}.`;
    return { code: 'unknown_reference', message };
  }
  if (root === 'item') return { code: 'unknown_reference', message: 'There is an item only inside a loop.' };
  if (name === undefined) return null;
  if (root === 'vars') return checkVariable(name, placed, index, variables);
  if (root === 'steps') return checkStep(path, placed, index);
  return null;
};

const checkVariable = (
  name: string,
  { node }: PlacedNode,
  { ancestors }: GraphIndex,
  variables: ReadonlyMap<string, readonly string[]>,
): Problem | null => {
  const setters = [...variables].filter(([, names]) => names.includes(name)).map(([id]) => id);
  if (setters.length === 0) return { code: 'unknown_variable', message: `No step sets a variable called ${name}.` };
  const before = ancestors.get(node.id);
  if (!before || setters.some((id) => before.has(id))) return null;
  const message = `The variable ${name} is set by ${setters.join(', ')}, which need not come before ${node.title}.`;
  return { severity: 'warning', code: 'variable_may_be_missing', message };
};

const checkStep = (
  [, id = '', part]: readonly string[],
  { node }: PlacedNode,
  { byId, ancestors }: GraphIndex,
): Problem | null => {
  if (!byId.has(id)) return { code: 'unknown_step', message: `There is no step called ${id}.` };
  if (part !== undefined && part !== 'output' && part !== 'failure') {
    const message = `A step has an output and a failure: write steps.${id}.output.${part}.`;
    return { code: 'unknown_reference', message };
  }
  const before = ancestors.get(node.id);
  if (!before || before.has(id)) return null;
  const message =
    id === node.id ? `${node.title} cannot read what it gives itself.` : `${id} does not run before ${node.title}.`;
  return { code: 'step_not_before', message };
};
