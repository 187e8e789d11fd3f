import type { NodeManifest } from '../node/manifest.ts';
import type { GraphNode } from './graph.ts';

const isLiteral = (property: unknown): boolean =>
  typeof property === 'object' && property !== null && 'widget' in property && property.widget === 'code';

/** The template that gives exactly this text. */
const toTemplate = (text: string): string => text.replaceAll('{{', '{{ "{{" }}');

/**
 * A program is text, not a template: data that found its way into it would be executed. Braces in a field with the
 * widget `code` therefore stand for themselves.
 */
export const withLiteralText = (node: GraphNode, manifest: NodeManifest | undefined): GraphNode => {
  const properties = (manifest?.input['properties'] ?? {}) as { readonly [name: string]: unknown };
  const fields = Object.entries(node.input).map(([name, value]) =>
    typeof value === 'string' && Object.hasOwn(properties, name) && isLiteral(properties[name])
      ? [name, toTemplate(value)]
      : [name, value],
  );
  return { ...node, input: Object.fromEntries(fields) as GraphNode['input'] };
};
