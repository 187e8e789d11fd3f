import type { FlowGraph, GraphNode, Issue, Json } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import { Copy, Trash2, X } from 'lucide-react';
import { useMemo } from 'react';
import { Button } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { NodeIcon } from '../../canvas/node-icon.tsx';
import type { NodeChange } from '../drawing/edit.ts';
import { toShapedFields } from '../input/shape.ts';
import { SampleValues } from '../input/sample-values-context.ts';
import { sampleValues } from '../input/sample-values.ts';
import { FieldList } from '../input/value-fields.tsx';
import { ConnectionField, type UsableConnection } from './connection-field.tsx';
import { FailureFields } from './failure-fields.tsx';
import { WaysOut, type WaysOutProps } from './ways-out.tsx';

interface StepPanelProps extends Pick<WaysOutProps, 'onConnect' | 'onDisconnect'> {
  readonly graph: FlowGraph;
  readonly manifests: ReadonlyMap<string, NodeManifest>;
  readonly node: GraphNode;
  readonly issues: readonly Issue[];
  readonly connections: readonly UsableConnection[] | null;
  /** `changed` names the field. */
  readonly onChange: (change: NodeChange, changed: string) => void;
  readonly onCopy: () => void;
  readonly onRemove: () => void;
  readonly onClose: () => void;
}

/** Everything about one step, as a form made from its manifest. */
export const StepPanel = ({
  graph,
  manifests,
  node,
  issues,
  connections,
  onChange,
  onCopy,
  onRemove,
  onClose,
  ...ways
}: StepPanelProps) => {
  const manifest = manifests.get(node.kind);
  const fields = useMemo(() => (manifest ? toShapedFields(manifest.input) : []), [manifest]);
  const groups = useMemo(() => sampleValues(graph, manifests, node.id), [graph, manifests, node.id]);
  const problems = useMemo(() => problemsByField(issues), [issues]);
  const others = issues.filter(({ field, path }) => field === undefined && !path.includes('.input'));
  return (
    <SampleValues value={groups}>
      <header className="flex items-start gap-3 border-b border-line p-4">
        <NodeIcon kind={node.kind} />
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">{manifest?.title ?? node.kind}</h2>
          <p className="text-xs text-ink-2">
            {manifest?.summary ?? 'This version of Everwave does not know this step.'}
          </p>
        </div>
        <Button variant="quiet" size="sm" aria-label="Copy this step" icon={<Copy size={15} />} onClick={onCopy} />
        <Button
          variant="quiet"
          size="sm"
          aria-label="Remove this step"
          icon={<Trash2 size={15} />}
          onClick={onRemove}
        />
        <Button variant="quiet" size="sm" aria-label="Close this step" icon={<X size={15} />} onClick={onClose} />
      </header>
      <div className="space-y-4 p-4">
        {others.length > 0 ? (
          <ul className="space-y-1 text-xs text-warn">
            {others.map(({ code, message }) => (
              <li key={`${code} ${message}`}>{message}</li>
            ))}
          </ul>
        ) : null}
        <TextField
          label="Name"
          value={node.title}
          maxLength={120}
          error={node.title.trim() === '' ? 'A step has a name.' : undefined}
          hint={
            <>
              Others read it as <code className="font-mono">{`steps.${node.id}`}</code>
            </>
          }
          onChange={(event) => onChange({ title: event.currentTarget.value }, 'title')}
        />
        {manifest?.credential ? (
          <ConnectionField
            credential={manifest.credential}
            connections={connections}
            connectionId={node.connectionId}
            problem={issues.find(({ code }) => code.includes('connection'))?.message}
            onChange={(connectionId) => onChange({ connectionId }, 'connectionId')}
          />
        ) : null}
        <FieldList
          fields={fields}
          values={node.input}
          path=""
          problems={problems}
          onChange={(input, name) => onChange({ input: input as { [field: string]: Json } }, `input.${name}`)}
        />
        {manifest?.activity ? (
          <FailureFields
            defaults={manifest.activity}
            policy={node.policy}
            problems={problems}
            onChange={(policy, name) => onChange({ policy }, `policy.${name}`)}
          />
        ) : null}
        <WaysOut graph={graph} manifests={manifests} node={node} {...ways} />
      </div>
    </SampleValues>
  );
};

/** The first thing wrong with each field. */
const problemsByField = (issues: readonly Issue[]): ReadonlyMap<string, string> => {
  const problems = new Map<string, string>();
  for (const { field, path, message } of issues) {
    const place = /^nodes\[\d+\]\.(?:input|policy)\.(.+)$/.exec(path)?.[1] ?? field;
    if (place !== undefined && !problems.has(place)) problems.set(place, message);
  }
  return problems;
};
