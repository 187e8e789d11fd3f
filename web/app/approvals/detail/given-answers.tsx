import type { Approval } from '@everwave/schema/api';
import { ValueTree } from '#app/components/values/value-tree.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';

/** Who has answered, how, and with which values. */
export const GivenAnswers = ({ answers }: Pick<Approval, 'answers'>) => (
  <ul className="divide-y divide-line">
    {answers.map((answer) => (
      <li key={answer.by.id} className="px-5 py-3">
        <p>
          <span className="font-medium">{answer.by.name}</span>{' '}
          {answer.decision === 'approved' ? 'approved' : 'rejected'}{' '}
          <span className="text-ink-2">
            <TimeAgo at={answer.at} />
          </span>
        </p>
        {answer.comment ? <p className="mt-1 [overflow-wrap:anywhere] whitespace-pre-wrap">{answer.comment}</p> : null}
        {Object.keys(answer.values).length > 0 ? (
          <div className="mt-2">
            <ValueTree value={answer.values} root="values" />
          </div>
        ) : null}
      </li>
    ))}
  </ul>
);
