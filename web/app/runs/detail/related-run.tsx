import type { Run, RunStep } from '@everwave/schema/api';
import { ArrowUpRight } from 'lucide-react';
import { Link } from 'react-router';
import { RunStatusPill } from '#app/components/ui/status-pill.tsx';

/** The way from a step to the run of its sub-flow. */
export const ChildRunLink = ({ run, step }: { readonly run: Run; readonly step: RunStep }) => {
  const child = run.children.find(({ path, ordinal }) => path === step.path && ordinal === step.ordinal);
  if (!child) return null;
  return (
    <p className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1">
      <Link to={`/runs/${child.runId}`} className="prose-link inline-flex items-center gap-1">
        {step.status === 'waiting' ? 'Waits for the run of' : 'Open the run of'} {child.flowName}
        <ArrowUpRight size={14} aria-hidden />
      </Link>
      <span className="text-xs">
        <RunStatusPill status={child.status} />
      </span>
    </p>
  );
};

/** The way back from the run of a sub-flow. */
export const ParentRunLink = ({ parent }: { readonly parent: Run['parent'] }) =>
  parent === null ? null : (
    <li>
      Sub-flow of{' '}
      <Link to={`/runs/${parent.runId}?step=${encodeURIComponent(parent.path)}`} className="prose-link">
        another run
      </Link>{' '}
      at <span className="font-mono">{parent.path}</span>
    </li>
  );
