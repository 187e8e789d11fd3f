import { expressionLimits } from './limits.ts';
import { EvaluationStop } from './evaluation-stop.ts';

/** A node of JSONata's syntax tree, as far as we look at it. */
export interface SyntaxNode {
  readonly type: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly [property: string]: unknown;
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** Lets nobody change the tree: evaluations that know nothing of each other read it, also at the same time. */
export const freezeTree = (value: unknown): void => {
  if (typeof value !== 'object' || value === null || value instanceof RegExp || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const child of Object.values(value)) freezeTree(child);
};

/** Calls `visit` once for each node. Throws `EvaluationStop` for a tree that is too deep. */
export const walk = (root: SyntaxNode, visit: (node: SyntaxNode) => void): void => {
  const seen = new Set<object>();
  const pending: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null || value instanceof RegExp || seen.has(value)) continue;
    seen.add(value);
    if (depth > expressionLimits.syntaxDepth)
      throw new EvaluationStop('not_allowed', 'The expression is nested too deeply.');
    if (isNode(value)) visit(value);
    // Lists add no depth of their own: they only group a node's children.
    for (const child of Object.values(value))
      pending.push({ value: child, depth: Array.isArray(value) ? depth : depth + 1 });
  }
};
