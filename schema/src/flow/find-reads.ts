import { findTemplateReferences } from './expression/find-template-references.ts';
import { isPrefix } from './expression/reading.ts';
import type { GraphNode } from './graph.ts';

/** A name as JSONata writes it in a path. */
const toPathPart = (name: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name}\``);

/**
 * For each step, the parts of its output that other steps read: `body.total`. The empty text stands for the output as a
 * whole, and then alone.
 */
export const findReads = (nodes: readonly GraphNode[]): ReadonlyMap<string, readonly string[]> => {
  const paths = nodes.flatMap(({ input }) => findTemplateReferences(input).references.map(({ path }) => path));
  return new Map(
    nodes.map(({ id }) => {
      const own = paths.flatMap((path): (readonly string[])[] => {
        const prefix = ['steps', id, 'output'];
        if (isPrefix(prefix, path)) return [path.slice(prefix.length)];
        return isPrefix(path, prefix) ? [[]] : [];
      });
      const minimal = own.filter((path) => !own.some((other) => other.length < path.length && isPrefix(other, path)));
      return [id, [...new Set(minimal.map((path) => path.map(toPathPart).join('.')))].toSorted()];
    }),
  );
};
