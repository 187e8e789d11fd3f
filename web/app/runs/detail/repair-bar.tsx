import { CheckCheck, CircleX, PencilLine, RotateCw, SkipForward } from 'lucide-react';
import { Button } from '#app/components/ui/button.tsx';
import type { RepairChoice } from './repairs.ts';
import { useMayWithRun } from './use-may-with-run.ts';

interface RepairBarProps {
  /** False where the step waits for something from outside: there is nothing to retry then. */
  readonly isParked?: boolean;
  readonly onChoose: (choice: RepairChoice) => void;
}

/** The ways on from a step that gave up, or that need not be waited for. */
export const RepairBar = ({ isParked = true, onChoose }: RepairBarProps) => {
  const mayRepair = useMayWithRun('runs:repair');
  if (!mayRepair && !isParked) return null;
  if (!mayRepair) {
    return (
      <p className="mt-3 text-xs text-ink-2">Your role can look at this run but not repair it. Ask an operator.</p>
    );
  }
  return (
    <div className="mt-4 flex flex-wrap gap-2">
      {isParked ? (
        <>
          <Button
            variant="primary"
            size="sm"
            icon={<RotateCw size={14} aria-hidden />}
            onClick={() => onChoose('retryStep')}
          >
            Retry
          </Button>
          <Button size="sm" icon={<PencilLine size={14} aria-hidden />} onClick={() => onChoose('retryWithInput')}>
            Edit input
          </Button>
        </>
      ) : null}
      <Button size="sm" icon={<CheckCheck size={14} aria-hidden />} onClick={() => onChoose('completeStep')}>
        Complete by hand
      </Button>
      <Button size="sm" icon={<SkipForward size={14} aria-hidden />} onClick={() => onChoose('skipStep')}>
        Skip
      </Button>
      {isParked ? (
        <Button variant="danger" size="sm" icon={<CircleX size={14} aria-hidden />} onClick={() => onChoose('failRun')}>
          Fail run
        </Button>
      ) : null}
    </div>
  );
};
