import { formatUsd, type NodeInsights } from '@everwave/schema/api';
import { Link } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { formatDuration } from '#app/time/time-words.ts';
import { formatCount, formatShare } from '#app/words/numbers.ts';

/** Nodes that fail most, then the slowest: where a flow loses runs, time or money. */
export const NodeTable = ({ nodes }: { readonly nodes: readonly NodeInsights[] }) => (
  <Section title="Nodes" flush>
    <ul>
      {nodes.map((node) => (
        <li
          key={`${node.flowId} ${node.stepId}`}
          className="grid gap-x-4 gap-y-1.5 border-b border-line px-5 py-3 last:border-b-0 sm:grid-cols-[minmax(0,1fr)_160px_230px] sm:items-center"
        >
          <div className="min-w-0">
            <Link
              to={`/workflows/${node.flowId}?node=${node.stepId}`}
              className="rounded-sm font-semibold [overflow-wrap:anywhere] hover:underline"
            >
              {node.title}
            </Link>
            <p className="truncate text-xs text-ink-2">
              {node.flowName}
              {node.activity === null ? '' : ` · ${node.activity}`}
            </p>
          </div>
          <div className="tabular text-xs text-ink-2">
            <ErrorShare node={node} />
            {formatCount(node.steps, 'step')}
            {node.failedAttempts > 0 ? ` · ${formatCount(node.failedAttempts, 'failed attempt')}` : ''}
          </div>
          <p className="tabular text-xs text-ink-2 sm:text-right">
            {node.p50Ms === null || node.p95Ms === null
              ? 'none ended'
              : `${formatDuration(node.p50Ms)} · 95 % ${formatDuration(node.p95Ms)}`}
            <span className="ml-3 inline-block min-w-16 text-ink">{node.usd === 0 ? '' : formatUsd(node.usd)}</span>
          </p>
        </li>
      ))}
    </ul>
  </Section>
);

const ErrorShare = ({ node: { failed, errorRate } }: { readonly node: NodeInsights }) =>
  failed === 0 || errorRate === null ? null : (
    <span className="mb-1 flex items-center gap-2 text-bad">
      <span aria-hidden className="h-1.5 w-16 overflow-hidden rounded-full bg-sunken">
        <span className="block h-full bg-bad" style={{ width: `${errorRate * 100}%` }} />
      </span>
      {formatShare(errorRate)} failed
    </span>
  );
