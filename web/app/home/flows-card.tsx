import type { FlowSummary } from '@everwave/schema/api';
import { Play } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { NodeIcon } from '#app/flows/canvas/node-icon.tsx';
import { RunNowDialog } from '#app/flows/run-now-dialog.tsx';
import { whyNotRun } from '#app/flows/why-not-run.ts';

/** The flows touched last, each one press away from its page and from a run. */
export const FlowsCard = ({ flows }: { readonly flows: readonly FlowSummary[] }) => {
  const [starting, setStarting] = useState<FlowSummary | null>(null);
  return (
    <Section
      title="Your flows"
      flush
      actions={
        <Link to="/workflows" className="prose-link text-xs">
          All flows
        </Link>
      }
    >
      {flows.length === 0 ? (
        <p className="px-5 py-4 text-ink-2">No flow yet.</p>
      ) : (
        <ul className="divide-y divide-line">
          {flows.map((flow) => (
            <li
              key={flow.id}
              className="relative flex items-center gap-3 px-5 py-2.5 transition-colors duration-120 hover:bg-sunken/60"
            >
              <NodeIcon kind={flow.triggerKinds[0] ?? 'trigger.manual'} size={30} />
              <div className="min-w-0 flex-1">
                <Link
                  to={`/workflows/${flow.id}`}
                  className="block truncate rounded-sm font-medium after:absolute after:inset-0 after:content-['']"
                >
                  {flow.name}
                </Link>
                <p className="truncate text-xs text-ink-2">
                  {flow.status === 'active' ? 'On' : flow.status === 'inactive' ? 'Off' : 'Archived'}
                  {' · '}
                  {flow.lastRun ? (
                    <>
                      ran <TimeAgo at={flow.lastRun.createdAt} />
                    </>
                  ) : (
                    'never run'
                  )}
                </p>
              </div>
              {flow.may.includes('runs:start') && whyNotRun(flow) === null ? (
                <Button
                  variant="quiet"
                  size="sm"
                  className="relative"
                  aria-label={`Run ${flow.name} now`}
                  title="Run now"
                  icon={<Play size={15} aria-hidden />}
                  onClick={() => setStarting(flow)}
                />
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {starting ? <RunNowDialog flow={starting} onClose={() => setStarting(null)} /> : null}
    </Section>
  );
};
