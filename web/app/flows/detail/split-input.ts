import type { GraphNode } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';

interface ProgramField {
  readonly name: string;
  readonly title: string;
  readonly code: string;
}

const propertyOf = (manifest: NodeManifest | undefined, name: string): { readonly [key: string]: unknown } => {
  const properties = manifest?.input['properties'];
  const property: unknown =
    typeof properties === 'object' && properties !== null && Object.hasOwn(properties, name)
      ? Reflect.get(properties, name)
      : undefined;
  return typeof property === 'object' && property !== null ? (property as { readonly [key: string]: unknown }) : {};
};

/** A step's programs, which are read line by line, apart from its other values. */
export const splitInput = (
  input: GraphNode['input'],
  manifest: NodeManifest | undefined,
): { readonly programs: readonly ProgramField[]; readonly values: GraphNode['input'] } => {
  const programs: ProgramField[] = [];
  const values: [string, GraphNode['input'][string]][] = [];
  for (const [name, value] of Object.entries(input)) {
    const { widget, title } = propertyOf(manifest, name);
    if (widget === 'code' && typeof value === 'string') {
      programs.push({ name, title: typeof title === 'string' ? title : name, code: value });
    } else values.push([name, value]);
  }
  return { programs, values: Object.fromEntries(values) };
};
