import { type FlowGraph, type GraphNode, type Json, readableFrom } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';

/** A value that a step can read, and what writes it. */
export interface SampleValue {
  /** `steps.customer.output.body.email` */
  readonly path: string;
  /** `body.email` */
  readonly label: string;
  /** What it is in the example; null where there is none. */
  readonly sample: string | null;
}

export interface SampleGroup {
  readonly title: string;
  readonly kind: string;
  readonly values: readonly SampleValue[];
}

const deepest = 4;
const mostPerGroup = 40;

/** All that a step can read, with what it looks like in the examples of each kind of step. */
export const sampleValues = (
  graph: FlowGraph,
  manifests: ReadonlyMap<string, NodeManifest>,
  nodeId: string,
): readonly SampleGroup[] => {
  const { steps, frames } = readableFrom(graph, [...manifests.values()], nodeId);
  const triggers = graph.nodes.filter(({ kind }) => kind.startsWith('trigger.'));
  const exampleOf = ({ kind }: GraphNode): Json | undefined => manifests.get(kind)?.examples[0]?.output;
  const [trigger] = triggers;
  const groups: SampleGroup[] = [];
  if (trigger) groups.push(toGroup(trigger, 'trigger', exampleOf(trigger)));
  for (const frame of frames) {
    if (frame.kind !== 'control.forEach') continue;
    const values = [
      { path: 'item', label: 'item', sample: null },
      { path: 'loop.index', label: 'number of the item, from 0', sample: '0' },
    ];
    groups.push({ title: frame.title, kind: frame.kind, values });
  }
  for (const step of steps.toReversed()) {
    if (step.kind.startsWith('trigger.')) continue;
    groups.push(toGroup(step, `steps.${step.id}.output`, exampleOf(step)));
  }
  return groups;
};

const toGroup = ({ title, kind }: GraphNode, root: string, example: Json | undefined): SampleGroup => ({
  title,
  kind,
  values: [{ path: root, label: 'all of it', sample: null }, ...membersOf(example, root, '', 0).slice(0, mostPerGroup)],
});

const isPlain = (name: string): boolean => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);

const membersOf = (value: Json | undefined, root: string, within: string, depth: number): readonly SampleValue[] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth >= deepest) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const step = isPlain(name) ? `.${name}` : `.\`${name}\``;
    const path = `${root}${step}`;
    const label = within === '' ? name : `${within}.${name}`;
    return [{ path, label, sample: sampleOf(member) }, ...membersOf(member, path, label, depth + 1)];
  });
};

const sampleOf = (value: Json): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
};
