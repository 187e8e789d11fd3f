import { compensationPort, type FlowGraph, type GraphNode, portsOf } from '@everwave/schema/flow';
import type { NodeManifest, Port } from '@everwave/schema/node';
import { X } from 'lucide-react';
import { useId } from 'react';
import { Button } from '#app/components/ui/button.tsx';
import { type Drawn, whyNotConnect } from '../drawing/why-not-connect.ts';

export interface WaysOutProps {
  readonly graph: FlowGraph;
  readonly manifests: ReadonlyMap<string, NodeManifest>;
  readonly node: GraphNode;
  readonly onConnect: (drawn: Drawn) => void;
  readonly onDisconnect: (edgeId: string) => void;
}

/** The ways out of a step that can be drawn from it; of one that changes something outside, also to what undoes it. */
export const drawablePorts = (manifest: NodeManifest | undefined, input: GraphNode['input']): readonly Port[] => {
  if (!manifest) return [];
  const ports = portsOf(manifest, input);
  const canBeUndone = manifest.category === 'action' && manifest.effect !== 'reads';
  return canBeUndone ? [...ports, { id: compensationPort, title: 'Undone by' }] : ports;
};

/** Where a step leads, for those who draw without a pointer. */
export const WaysOut = ({ graph, manifests, node, onConnect, onDisconnect }: WaysOutProps) => {
  const ports = drawablePorts(manifests.get(node.kind), node.input);
  if (ports.length === 0) return null;
  return (
    <section aria-label="Where it leads" className="space-y-3 border-t border-line pt-4">
      <h3 className="text-sm font-semibold">Where it leads</h3>
      {ports.map((port) => (
        <WayOut
          key={port.id}
          port={port}
          graph={graph}
          manifests={manifests}
          node={node}
          onConnect={onConnect}
          onDisconnect={onDisconnect}
        />
      ))}
    </section>
  );
};

const WayOut = ({ port, graph, manifests, node, onConnect, onDisconnect }: WaysOutProps & { readonly port: Port }) => {
  const id = useId();
  const edges = graph.edges.filter((edge) => edge.from === node.id && edge.port === port.id);
  const goals = graph.nodes.filter(
    ({ id: to }) => whyNotConnect(graph, manifests, { from: node.id, port: port.id, to }) === null,
  );
  const titleOf = (nodeId: string): string => graph.nodes.find((each) => each.id === nodeId)?.title ?? nodeId;
  return (
    <div>
      <label htmlFor={id} className="text-xs text-ink-2">
        {port.title}
      </label>
      <ul>
        {edges.map((edge) => (
          <li key={edge.id} className="flex items-center justify-between gap-2">
            <span className="truncate">{titleOf(edge.to)}</span>
            <Button
              variant="quiet"
              size="sm"
              aria-label={`Take away the edge to ${titleOf(edge.to)}`}
              icon={<X size={14} />}
              onClick={() => onDisconnect(edge.id)}
            />
          </li>
        ))}
      </ul>
      <select
        id={id}
        value=""
        disabled={goals.length === 0}
        onChange={(event) => {
          const goal = goals.find((each) => each.id === event.currentTarget.value);
          if (goal) onConnect({ from: node.id, port: port.id, to: goal.id });
        }}
        className="field !py-1 text-xs"
      >
        <option value="">{goals.length === 0 ? 'No step that it could lead to' : 'Lead it to…'}</option>
        {goals.map((goal) => (
          <option key={goal.id} value={goal.id}>
            {goal.title}
          </option>
        ))}
      </select>
    </div>
  );
};
