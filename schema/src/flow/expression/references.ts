import { isNode, type SyntaxNode } from './syntax-tree.ts';

/** One path that an expression reads from its scope: `['steps', 'fetch', 'output', 'body', 'total']`. */
export interface Reference {
  readonly path: readonly string[];
  /** Offset into the expression, from 0: behind the name that begins the path. */
  readonly position: number;
}

/** The same as a tree. `whole`: everything from here on may be read. */
export interface ReferenceTree {
  readonly whole: boolean;
  readonly members: ReadonlyMap<string, ReferenceTree>;
}

const children = (value: unknown): readonly SyntaxNode[] => {
  if (Array.isArray(value)) return value.flatMap(children);
  if (isNode(value)) return [value];
  return [];
};

/** The names a path begins with, up to the first step that looks at a value as a whole. */
const leadingNames = (steps: readonly SyntaxNode[]): readonly string[] => {
  const names: string[] = [];
  for (const step of isContext(steps[0]) ? steps.slice(1) : steps) {
    if (step.type !== 'name' || typeof step.value !== 'string') break;
    names.push(step.value);
    if (step['stages'] || step['predicate'] || step['group'] || step['tuple']) break;
  }
  return names;
};

/** `$` and `$$`, whose names for JSONata are `` and `$`. */
const isContext = (node: SyntaxNode | undefined) =>
  node?.type === 'variable' && (node.value === '' || node.value === '$');
const isRoot = (node: SyntaxNode) => node.type === 'variable' && node.value === '$';

/** Built-ins that take the context for an argument left out, and the number of arguments with which they do not. */
const contextual: { readonly [name: string]: number } = {
  boolean: 1,
  clone: 1,
  each: 2,
  keys: 1,
  lookup: 2,
  not: 1,
  sift: 2,
  spread: 1,
  string: 1,
};

const isContextual = (node: SyntaxNode) =>
  node.type === 'variable' && typeof node.value === 'string' && Object.hasOwn(contextual, node.value);

/**
 * Everything an expression reads from its scope. Names inside a predicate or behind a path belong to the items there,
 * not to the scope. An empty path means that the scope as a whole is read.
 */
export const findReferences = (root: SyntaxNode): readonly Reference[] => {
  const found: Reference[] = [];
  const add = (path: readonly string[], node: SyntaxNode) => found.push({ path, position: node.position ?? 0 });

  const visit = (node: SyntaxNode, atRoot: boolean): void => {
    switch (node.type) {
      case 'path':
        return visitPath(node, atRoot);
      case 'function':
        return visitCall(node, atRoot);
      case 'wildcard':
      case 'descendant':
        if (atRoot) add([], node);
        return;
      case 'variable':
        if (isRoot(node) || (atRoot && (isContext(node) || isContextual(node)))) add([], node);
        return visitParts(node, atRoot);
      default:
        return visitParts(node, atRoot);
    }
  };

  const visitPath = (node: SyntaxNode, atRoot: boolean): void => {
    for (const [index, step] of children(node['steps']).entries()) {
      const isFirst = index === 0;
      if (isFirst && (isRoot(step) || (atRoot && (isContext(step) || step.type === 'name')))) {
        add(leadingNames(children(node['steps'])), step);
        visitParts(step, false);
      } else if (step.type === 'name') visitParts(step, false);
      else visit(step, atRoot && isFirst);
    }
    visitGroup(node['group']);
  };

  const visitCall = (node: SyntaxNode, atRoot: boolean): void => {
    const given = children(node['arguments']);
    for (const argument of given) visit(argument, atRoot);
    for (const procedure of children(node['procedure'])) {
      const complete = isContextual(procedure) && given.length >= (contextual[String(procedure.value)] ?? 0);
      if (!complete) visit(procedure, atRoot);
    }
    visitLater(node);
  };

  const visitParts = (node: SyntaxNode, atRoot: boolean): void => {
    for (const [property, value] of Object.entries(node)) {
      if (!later.has(property)) for (const child of children(value)) visit(child, atRoot);
    }
    visitLater(node);
  };

  /** Predicates, groupings and orderings, which see the items and not the scope. */
  const visitLater = (node: SyntaxNode): void => {
    for (const stage of [...children(node['predicate']), ...children(node['stages'])]) {
      for (const part of children(stage['expr'])) visit(part, false);
    }
    for (const term of Array.isArray(node['terms']) ? node['terms'] : []) {
      for (const part of children((term as { expression?: unknown }).expression)) visit(part, false);
    }
    visitGroup(node['group']);
  };

  const visitGroup = (group: unknown): void => {
    for (const part of children((group as { lhs?: unknown } | undefined)?.lhs)) visit(part, false);
  };

  visit(root, true);
  return found;
};

/** Properties that are not evaluated in the node's own context, or hold no expression. */
const later = new Set(['ancestor', 'group', 'predicate', 'seekingParent', 'slot', 'stages', 'terms']);

interface GrowingTree {
  whole: boolean;
  members: Map<string, GrowingTree>;
}

/** `readsAnything`: the expression looks upwards (`%`) or binds contexts (`@`), so that any part may be read. */
export const toReferenceTree = (references: readonly Reference[], readsAnything: boolean): ReferenceTree => {
  const root: GrowingTree = { whole: readsAnything, members: new Map() };
  for (const { path } of references) {
    let branch = root;
    for (const name of path) {
      const next = branch.members.get(name) ?? { whole: false, members: new Map<string, GrowingTree>() };
      branch.members.set(name, next);
      branch = next;
    }
    branch.whole = true;
  }
  return root;
};
