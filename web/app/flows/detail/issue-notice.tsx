import type { Issue } from '@everwave/schema/flow';
import { Notice } from '#app/components/ui/notice.tsx';
import { formatCount } from '#app/words/numbers.ts';

/** What is wrong with a draft, and whether it stands in the way of publishing. */
export const IssueNotice = ({ issues }: { readonly issues: readonly Issue[] }) => {
  if (issues.length === 0) return null;
  const blocking = issues.filter((issue) => issue.severity === 'error').length;
  return (
    <div className="mt-4">
      <Notice
        tone={blocking > 0 ? 'bad' : 'warn'}
        title={
          blocking > 0
            ? `${formatCount(blocking, 'thing')} to put right before this draft can be published`
            : `${formatCount(issues.length, 'thing')} to look at; the draft can be published as it is`
        }
      >
        <ul className="list-disc pl-4">
          {issues.map((issue) => (
            <li key={`${issue.path} ${issue.code}`}>{issue.message}</li>
          ))}
        </ul>
      </Notice>
    </div>
  );
};
