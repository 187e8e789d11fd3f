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
  reference: TemplateReference,
  placed: PlacedNode,
  index: GraphIndex,
  variables: ReadonlyMap<string, readonly string[]>,
): Problem | null => {
  const { path } = reference;
  const [root, name] = path;
  if (root === undefined) return null;
  if (!roots.includes(root)) {
    const message = `There is nothing called ${root} here. Expressions can read: ${roots.join(', ')}.`;
    return { code: 'unknown_reference', message };
  }
  if (root === 'item' || root === 'loop') return checkIteration(root, reference, placed, index);
  if (root === 'event' && !readsEvent(placed, reference.field)) {
    const message =
      'There is an event only in the condition of a step that waits for one. Behind it, read steps.<id>.output.';
    return { code: 'unknown_reference', message };
  }
  if (name === undefined) return null;
  if (root === 'vars') return checkVariable(name, placed, index, variables);
  if (root === 'steps') return checkStep(reference, placed, index);
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

/** Fields of a frame that are evaluated over the steps inside it. */
const readsInside = ({ node }: PlacedNode, field: string): boolean =>
  (['control.forEach', 'control.while', 'control.try'].includes(node.kind) && isWithin(field, 'result')) ||
  (node.kind === 'control.while' && isWithin(field, 'condition'));

/** The condition that an event must meet to be taken. */
const readsEvent = ({ node }: PlacedNode, field: string): boolean =>
  node.kind === 'control.waitForEvent' && isWithin(field, 'match');

const isWithin = (field: string, name: string): boolean =>
  field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`);

/** Frames whose steps a template sees from within, the innermost first. */
const framesOf = (
  { field }: TemplateReference,
  placed: PlacedNode,
  { framesAround }: GraphIndex,
): readonly string[] => {
  const around = framesAround(placed.node.id);
  return readsInside(placed, field) ? [placed.node.id, ...around] : around;
};

const checkIteration = (
  root: 'item' | 'loop',
  reference: TemplateReference,
  placed: PlacedNode,
  index: GraphIndex,
): Problem | null => {
  const kinds = framesOf(reference, placed, index).map((id) => index.byId.get(id)?.node.kind);
  const innermost = kinds.find((kind) => kind === 'control.forEach' || kind === 'control.while');
  if (root === 'item' && innermost !== 'control.forEach') {
    return { code: 'unknown_reference', message: 'There is an item only inside a loop over items.' };
  }
  if (!innermost) return { code: 'unknown_reference', message: 'There is an iteration only inside a loop.' };
  return null;
};

const loopParts: readonly string[] = ['item', 'index'];

const checkStep = (reference: TemplateReference, placed: PlacedNode, index: GraphIndex): Problem | null => {
  const { byId, ancestors, framesAround, stepsIn } = index;
  const { node } = placed;
  const [, id = '', part] = reference.path;
  const read = byId.get(id);
  if (!read) return { code: 'unknown_step', message: `There is no step called ${id}.` };
  const around = framesOf(reference, placed, index);
  if (part !== undefined && loopParts.includes(part) && around.includes(id)) return null;
  if (part === 'url' && read.node.kind === 'control.approval') {
    const { parent } = read.node;
    if (parent === undefined || around.includes(parent)) return null;
    const message = `${id} stands inside ${parent}: its page is known to the steps beside it alone.`;
    return { code: 'step_not_before', message };
  }
  if (part !== undefined && part !== 'output' && part !== 'failure') {
    const message = `A step has an output and a failure: write steps.${id}.output.${part}.`;
    return { code: 'unknown_reference', message };
  }
  const before = ancestors.get(node.id);
  if (!before || before.has(id)) return null;
  if (readsInside(placed, reference.field) && stepsIn(node.id).includes(id)) return null;
  if (id === node.id) return { code: 'step_not_before', message: `${node.title} cannot read what it gives itself.` };
  const [frame] = framesAround(id).filter((each) => !around.includes(each));
  const message =
    frame === undefined
      ? `${id} does not run before ${node.title}.`
      : `${id} runs inside ${frame}, and may run several times. Read steps.${framesAround(id).findLast((each) => !around.includes(each)) ?? frame}.output.`;
  return { code: 'step_not_before', message };
};
