import type { RunStep } from '@everwave/schema/api';
import { Stamp } from 'lucide-react';
import { ButtonLink } from '#app/components/ui/button.tsx';

/** What a step waits for from outside, and where to answer it. */
export const WaitsFor = ({ waitsFor }: Required<Pick<RunStep, 'waitsFor'>>) =>
  waitsFor?.type === 'event' ? (
    <p className="mb-3 [overflow-wrap:anywhere]">
      Waits for the event <code className="font-mono text-xs">{waitsFor.event}</code> with the key{' '}
      <code className="font-mono text-xs">{waitsFor.correlationKey}</code>.
    </p>
  ) : waitsFor ? (
    <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
      <p>Waits for people to answer.</p>
      <ButtonLink
        to={`/approvals/${waitsFor.approvalId}`}
        variant="primary"
        size="sm"
        icon={<Stamp size={14} aria-hidden />}
      >
        Open the question
      </ButtonLink>
    </div>
  ) : null;
