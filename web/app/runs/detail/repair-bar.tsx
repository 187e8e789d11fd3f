import type { Run, RunStep } from '@everwave/schema/api';
import type { NodeManifest } from '@everwave/schema/node';
import { CheckCheck, CircleX, PencilLine, RotateCw, SkipForward } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#app/components/ui/button.tsx';
import { useMay } from '#app/shell/use-me.ts';
import { RepairDialog } from './repair-dialog.tsx';
import type { RepairChoice } from './repairs.ts';

interface RepairBarProps {
  readonly run: Run;
  readonly step: RunStep;
  readonly manifest: NodeManifest | undefined;
}

/** The ways on from a step that gave up. */
export const RepairBar = ({ run, step, manifest }: RepairBarProps) => {
  const [choice, setChoice] = useState<RepairChoice | null>(null);
  const mayRepair = useMay('runs:repair');
  if (!mayRepair) {
    return (
      <p className="mt-3 text-xs text-ink-2">Your role can look at this run but not repair it. Ask an operator.</p>
    );
  }
  return (
    <div className="mt-4 flex flex-wrap gap-2">
      <Button
        variant="primary"
        size="sm"
        icon={<RotateCw size={14} aria-hidden />}
        onClick={() => setChoice('retryStep')}
      >
        Retry
      </Button>
      <Button size="sm" icon={<PencilLine size={14} aria-hidden />} onClick={() => setChoice('retryWithInput')}>
        Edit input
      </Button>
      <Button size="sm" icon={<CheckCheck size={14} aria-hidden />} onClick={() => setChoice('completeStep')}>
        Complete by hand
      </Button>
      <Button size="sm" icon={<SkipForward size={14} aria-hidden />} onClick={() => setChoice('skipStep')}>
        Skip
      </Button>
      <Button variant="danger" size="sm" icon={<CircleX size={14} aria-hidden />} onClick={() => setChoice('failRun')}>
        Fail run
      </Button>
      {choice ? (
        <RepairDialog run={run} repair={choice} step={step} manifest={manifest} onClose={() => setChoice(null)} />
      ) : null}
    </div>
  );
};
