import type { SyntaxNode } from './syntax-tree.ts';

/** Says that a path leads through a list, where JSONata's own rules apply. */
export const throughList: unique symbol = Symbol('through a list');

/**
 * The names of an expression that is nothing but a path from the scope, such as `steps.fetch.output.body`: most are. Null
 * for any other.
 */
export const toPlainPath = (root: SyntaxNode): readonly string[] | null => {
  const allowed = new Set(['type', 'value', 'position']);
  const isPlain = (node: SyntaxNode) => node.type === 'name' && Object.keys(node).every((key) => allowed.has(key));
  if (root.type !== 'path' || !Object.keys(root).every((key) => key === 'type' || key === 'steps')) return null;
  const steps = root['steps'] as readonly SyntaxNode[];
  return steps.every(isPlain) ? steps.map(({ value }) => String(value)) : null;
};

/** What JSONata would find at the end of a plain path, without the machinery. Looks only at own properties. */
export const followPath = (scope: unknown, path: readonly string[]): unknown => {
  let value = scope;
  for (const name of path) {
    if (Array.isArray(value)) return throughList;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as { readonly [key: string]: unknown })[name];
  }
  return value;
};
