import type { AuditVerification } from '@everwave/schema/api';
import { CircleAlert, CircleCheck, Link2 } from 'lucide-react';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { formatCount } from '#app/words/numbers.ts';

/** Each entry holds the hash of the one before it: whether all of them still fit is looked at when asked. */
export const ChainState = ({ verification }: { readonly verification: AuditVerification | null }) => (
  <>
    {verification === null ? (
      <p className="mb-3 text-ink-2">Each entry holds the hash of the one before. A check walks all of them.</p>
    ) : verification.broken ? (
      <p role="alert" className="mb-3 flex gap-2 text-bad">
        <CircleAlert size={16} className="mt-0.5 shrink-0" aria-hidden />
        {verification.broken.message}
      </p>
    ) : (
      <div role="status" className="mb-3">
        <p className="flex gap-2 text-ok">
          <CircleCheck size={16} className="mt-0.5 shrink-0" aria-hidden />
          {formatCount(verification.entries, 'entry', 'entries')}, as they were written
        </p>
        {verification.head ? (
          <p className="mt-2 font-mono text-xs break-all text-ink-2">
            {verification.head.number} {verification.head.hash}
          </p>
        ) : null}
      </div>
    )}
    <ButtonLink to="/settings/audit?verify" size="sm" icon={<Link2 size={14} aria-hidden />}>
      Check the chain
    </ButtonLink>
  </>
);
