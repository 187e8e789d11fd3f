import type { Issue } from '../issue.ts';
import type { Json } from '../plan.ts';
import type { GraphIndex, PlacedNode } from './graph-index.ts';

const kinds: readonly string[] = ['control.waitForEvent', 'control.approval'];

/** Steps that wait for something from outside: their way out `timeout`, and an approval's form. */
export const checkWaits = ({ nodes, outgoing, byId, framesAround }: GraphIndex): readonly Issue[] =>
  nodes
    .filter(({ node }) => kinds.includes(node.kind))
    .flatMap((placed) => [
      ...checkTimeout(
        placed,
        (outgoing.get(placed.node.id) ?? []).some(({ port }) => port === 'timeout'),
      ),
      ...checkCleanup(
        placed,
        framesAround(placed.node.id).some((id) => byId.get(id)?.node.kind === 'control.finally'),
      ),
      ...checkForm(placed),
    ]);

const issueOf = (
  { node, index }: PlacedNode,
  field: string,
  issue: Pick<Issue, 'severity' | 'code' | 'message'>,
): Issue => ({
  ...issue,
  path: `nodes[${index}].input.${field}`,
  nodeId: node.id,
  field,
});

const checkTimeout = (placed: PlacedNode, leadsOn: boolean): readonly Issue[] => {
  const { title, input } = placed.node;
  const hasTimeout = input['timeout'] !== undefined;
  if (hasTimeout === leadsOn) return [];
  const message = hasTimeout
    ? `${title} waits for a limited time, and nothing follows when that is over: the branch then ends.`
    : `${title} has a way out for when nothing comes in time, and no time limit: that way is never taken.`;
  return [issueOf(placed, 'timeout', { severity: 'warning', code: 'timeout_unused', message })];
};

/** A run that ends waits for its `finally`, and has no time limit of its own any more. */
const checkCleanup = (placed: PlacedNode, isCleanup: boolean): readonly Issue[] => {
  const { title, input } = placed.node;
  if (!isCleanup || input['timeout'] !== undefined) return [];
  const message = `${title} stands in a finally, which must end: say how long it waits at most.`;
  return [issueOf(placed, 'timeout', { severity: 'error', code: 'timeout_needed', message })];
};

const recordOf = (value: Json): { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json })
    : {};

const checkForm = (placed: PlacedNode): readonly Issue[] => {
  const { fields } = placed.node.input;
  if (!Array.isArray(fields)) return [];
  const form = (fields as readonly Json[]).map(recordOf);
  const names = form.map(({ name }) => name);
  return form.flatMap(({ name, type, choices }, place): Issue[] => {
    if (typeof name === 'string' && names.indexOf(name) !== place) {
      const message = `Two fields are called ${name}. Give one of them another name.`;
      return [issueOf(placed, `fields[${place}].name`, { severity: 'error', code: 'duplicate_field', message })];
    }
    if (type !== 'choice' || (Array.isArray(choices) && choices.length > 0)) return [];
    const message = `${typeof name === 'string' ? name : 'A field'} is a choice without anything to choose from.`;
    return [issueOf(placed, `fields[${place}].choices`, { severity: 'error', code: 'missing_choices', message })];
  });
};
