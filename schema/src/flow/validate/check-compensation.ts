import { isCompensation } from '../compensation.ts';
import type { GraphEdge } from '../graph.ts';
import type { Issue } from '../issue.ts';
import { subflowKind } from '../subflows.ts';
import type { GraphIndex, PlacedNode } from './graph-index.ts';

/** Undo steps: what can have one, what can be one, and that nothing else leads to one or away from it. */
export const checkCompensation = (index: GraphIndex): readonly Issue[] => {
  const { graph, byId, undoes } = index;
  const undoing = graph.edges.filter((edge) => isCompensation(edge) && byId.has(edge.from) && byId.has(edge.to));
  return [
    ...graph.edges.flatMap((edge, at) => {
      const from = byId.get(edge.from);
      const to = byId.get(edge.to);
      if (!isCompensation(edge) || !from || !to) return [];
      const problem = problemOf(edge, { from, to, undoing, index });
      if (!problem) return [];
      const [code, message] = problem;
      return [{ severity: 'error' as const, code, message, path: `edges[${at}]`, edgeId: edge.id }];
    }),
    ...[...undoes].flatMap(([id, undone]) => (id === undone ? [] : checkUndo(byId.get(id), index))),
  ];
};

interface Ends {
  readonly from: PlacedNode;
  readonly to: PlacedNode;
  readonly undoing: readonly GraphEdge[];
  readonly index: GraphIndex;
}

const canBeUndone = ({ node, manifest }: PlacedNode): boolean =>
  manifest?.category === 'action' || node.kind === subflowKind;

const problemOf = (edge: GraphEdge, { from, to, undoing, index }: Ends): readonly [string, string] | null => {
  const { title } = from.node;
  const { byId, framesAround, undoes } = index;
  if (edge.from === edge.to) return ['undo_of_itself', `${title} cannot undo itself. Lead the edge to another step.`];
  if (!canBeUndone(from)) {
    return ['nothing_to_undo', `${title} changes nothing outside: only actions and sub-flows can have an undo step.`];
  }
  if (to.manifest?.category !== 'action') {
    return ['undo_no_action', `${to.node.title} is no action. Only an action can undo ${title}.`];
  }
  if (undoes.has(edge.from)) {
    return ['undo_of_undo', `${title} is an undo step itself, and has none. Should it fail, a person must look.`];
  }
  if (undoing.some((other) => other !== edge && other.from === edge.from)) {
    return ['several_undo', `${title} has several undo steps. One is possible.`];
  }
  if (undoing.some((other) => other !== edge && other.to === edge.to)) {
    return ['shared_undo', `${to.node.title} undoes several steps. Draw one for each of them.`];
  }
  if (framesAround(edge.from).some((frame) => byId.get(frame)?.node.kind === 'control.finally')) {
    return ['undo_in_finally', `${title} tidies up in a finally, which nothing undoes. Delete this edge.`];
  }
  return null;
};

/** It stands beside the normal course, and its policy for failures is not asked. */
const checkUndo = (
  placed: PlacedNode | undefined,
  { incoming, outgoing, undoes, byId }: GraphIndex,
): readonly Issue[] => {
  if (!placed) return [];
  const { node, index } = placed;
  const issues: Issue[] = [];
  const path = `nodes[${index}]`;
  if ((incoming.get(node.id)?.length ?? 0) + (outgoing.get(node.id)?.length ?? 0) > 0) {
    const undone = byId.get(undoes.get(node.id) ?? '')?.node.title ?? 'a step';
    const message = `${node.title} undoes ${undone}, and never runs in the normal course: no other edge may lead to it or away from it.`;
    issues.push({ severity: 'error', code: 'undo_in_normal_course', message, path, nodeId: node.id });
  }
  if (node.policy.onFailure !== undefined) {
    const message = `${node.title} is an undo step: when it fails a person must look, so what else to do on failure has no effect.`;
    issues.push({
      severity: 'warning',
      code: 'unused_policy',
      message,
      path: `${path}.policy.onFailure`,
      nodeId: node.id,
    });
  }
  return issues;
};
