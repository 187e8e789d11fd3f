import { unreachable } from '#app/words/unreachable.ts';
import { type GraphNode, resolveEffect } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import { X } from 'lucide-react';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { CodeBlock } from '#app/components/values/code-block.tsx';
import { ValueTree } from '#app/components/values/value-tree.tsx';
import { NodeIcon } from '../canvas/node-icon.tsx';
import { splitInput } from './split-input.ts';

interface NodeCardProps {
  readonly node: GraphNode;
  readonly manifest: NodeManifest | undefined;
  readonly onClose: () => void;
}

/** What a second attempt of this step would do to the world, in the builder's words. */
const safetyOf = (manifest: NodeManifest, input: GraphNode['input']): string | null => {
  const { idempotency } = manifest;
  if (!idempotency) return null;
  if (resolveEffect(manifest, input)?.effect === 'reads') return 'It only reads, so a repeat changes nothing.';
  switch (idempotency.by) {
    case 'nature':
      return 'A repeat changes nothing.';
    case 'provider-key':
      return 'The service recognises a repeat and does it once.';
    case 'lookup':
      return 'Before a repeat, the service is asked whether it already happened.';
    case 'checkpoint':
      return 'The intent is stored first, so a repeat continues it.';
    case 'nobody':
      return idempotency.duplicates;
    default:
      throw unreachable(idempotency);
  }
};

const Fact = ({ term, children }: { readonly term: string; readonly children: string }) => (
  <div className="flex gap-4 py-1.5">
    <dt className="w-32 shrink-0 text-ink-2">{term}</dt>
    <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
  </div>
);

/** One node of the drawing: what it does, with which values, and how it behaves when something goes wrong. */
export const NodeCard = ({ node, manifest, onClose }: NodeCardProps) => {
  const retry = manifest?.activity?.retry;
  const attempts = node.policy.maximumAttempts ?? retry?.maximumAttempts;
  const safety = manifest ? safetyOf(manifest, node.input) : null;
  const { programs, values } = splitInput(node.input, manifest);
  return (
    <Section
      title={node.title}
      actions={
        <Button variant="quiet" size="sm" aria-label="Close this step" icon={<X size={15} />} onClick={onClose} />
      }
    >
      <div className="flex gap-3">
        <NodeIcon kind={node.kind} />
        <p className="text-ink-2">{manifest?.summary ?? node.kind}</p>
      </div>
      {node.note ? <p className="mt-3 border-l-2 border-coral pl-3">{node.note}</p> : null}
      <dl className="mt-3 text-xs">
        <Fact term="Step id">{node.id}</Fact>
        {attempts ? <Fact term="Attempts">{`up to ${attempts}`}</Fact> : null}
        {manifest?.activity ? <Fact term="Each may take">{manifest.activity.startToCloseTimeout}</Fact> : null}
        {safety ? <Fact term="Repeating it">{safety}</Fact> : null}
      </dl>
      {programs.map(({ name, title, code }) => (
        <CodeBlock key={name} title={title} code={code} />
      ))}
      {Object.keys(values).length > 0 ? (
        <>
          <h3 className="mt-3 mb-1 text-xs font-semibold">Values</h3>
          <ValueTree value={values} root="input" />
        </>
      ) : null}
    </Section>
  );
};
