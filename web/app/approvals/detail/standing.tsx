import type { Approval } from '@everwave/schema/api';
import { Notice } from '#app/components/ui/notice.tsx';
import { useMe } from '#app/shell/use-me.ts';

/** How an approval stands for somebody who has nothing to answer there. */
export const Standing = ({ approval }: { readonly approval: Approval }) => {
  const me = useMe();
  const { status, answers, roles, people, approvalsNeeded } = approval;
  const last = answers.at(-1)?.by.name;
  switch (status) {
    case 'approved':
    case 'rejected':
      return (
        <Notice tone={status === 'approved' ? 'ok' : 'bad'} title={status === 'approved' ? 'Approved' : 'Rejected'}>
          {last ? `${last} decided.` : 'Somebody decided it on the page of its run.'} The run has gone on.
        </Notice>
      );
    case 'timed_out':
      return (
        <Notice tone="warn" title="Nobody answered in time">
          The run has gone on without an answer.
        </Notice>
      );
    case 'closed':
      return (
        <Notice tone="info" title="No answer is needed any more">
          The run has ended, or somebody went on without one.
        </Notice>
      );
    case 'open': {
      const who = [...roles.map((role) => `role ${role}`), ...people].join(', ');
      if (answers.some(({ by }) => by.id === me.user?.id)) {
        return (
          <Notice tone="ok" title="You have answered">
            {`${answers.length} of ${approvalsNeeded} answers are there. The others must come from other people.`}
          </Notice>
        );
      }
      return (
        <Notice tone="info" title="This question is for others">
          {`Those who may answer: ${who}.`}
        </Notice>
      );
    }
  }
};
