import type { Approval } from '@everwave/schema/api';
import { Link } from 'react-router';
import { CountDown } from '#app/time/count-down.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { ApprovalState } from '../approval-state.tsx';

/** One question, and how far it has come; the row leads to its form. */
export const ApprovalRow = ({ approval }: { readonly approval: Approval }) => {
  const { answers, approvalsNeeded, status } = approval;
  return (
    <li>
      <Link
        to={`/approvals/${approval.id}`}
        data-row
        prefetch="intent"
        className="grid grid-cols-1 gap-x-6 gap-y-1.5 px-5 py-4 -outline-offset-2 transition-colors duration-120 hover:bg-sunken/60 md:grid-cols-[minmax(0,1fr)_auto]"
      >
        <span className="min-w-0">
          <span className="block font-semibold [overflow-wrap:anywhere]">{approval.subject}</span>
          <span className="mt-0.5 block text-ink-2">
            {approval.flowName}
            {approvalsNeeded > 1 ? ` · ${answers.length} of ${approvalsNeeded} answers` : ''}
            {status === 'open' && approval.dueAt ? (
              <>
                {' · goes on without you '}
                <CountDown until={approval.dueAt} />
              </>
            ) : null}
          </span>
        </span>
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-2 md:flex-col md:items-end">
          <ApprovalState status={status} />
          <TimeAgo at={approval.closedAt ?? approval.openedAt} />
        </span>
      </Link>
    </li>
  );
};
