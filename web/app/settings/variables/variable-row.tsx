import type { Variable } from '@everwave/schema/api';
import { Form, Link, useNavigation } from 'react-router';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { useMay } from '#app/shell/use-me.ts';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { variableKinds } from './variable-kinds.ts';

const page = '/settings/variables';

const Value = ({ variable: { type, value } }: { readonly variable: Variable }) => {
  if (type === 'secret') {
    return (
      <span className="text-ink-2">
        <span aria-hidden className="tracking-[0.2em]">
          ••••••••
        </span>
        <span className="sr-only">set, not shown</span>
      </span>
    );
  }
  if (value === '') return <span className="text-ink-2">empty</span>;
  const text = type === 'string' && typeof value === 'string' ? value : JSON.stringify(value);
  return (
    <span className="block truncate font-mono text-xs" title={text}>
      {text}
    </span>
  );
};

const others = (count: number): string =>
  count === 1 ? 'one that is kept for others' : `${count} that are kept for others`;

const isRead = ({ usedBy, usedByOthers }: Variable): boolean => usedBy.length + usedByOthers > 0;

const Readers = ({ variable: { usedBy, usedByOthers } }: { readonly variable: Variable }) => (
  <>
    {usedBy.map((flow, at) => (
      <span key={flow.flowId}>
        {at === 0 ? '' : ', '}
        <Link to={`/workflows/${flow.flowId}`} className="prose-link">
          {flow.name}
        </Link>
      </span>
    ))}
    {usedBy.length > 0 && usedByOthers > 0 ? ' and ' : null}
    {usedByOthers > 0 ? others(usedByOthers) : null}
  </>
);

/** What stands in the way of it, or the last question. */
const Delete = ({ variable }: { readonly variable: Variable }) => {
  const { name } = variable;
  const isBusy = useNavigation().state !== 'idle';
  if (isRead(variable)) {
    return (
      <div className="mt-3 space-y-4 rounded-md border border-warn/30 bg-warn/8 p-4">
        <p>
          {name} cannot be deleted while live flows read it: <Readers variable={variable} />. Change or deactivate them
          first.
        </p>
        <div className="flex justify-end">
          <ButtonLink to={page}>Keep {name}</ButtonLink>
        </div>
      </div>
    );
  }
  return (
    <Form method="post" action={page} className="mt-3 space-y-4 rounded-md border border-bad/30 bg-bad/8 p-4">
      <input type="hidden" name="intent" value="delete" />
      <input type="hidden" name="name" value={name} />
      <p>
        No live flow reads {name}. A draft that does cannot be published until there is one again. This cannot be
        undone.
      </p>
      <div className="flex flex-wrap justify-end gap-2">
        <ButtonLink to={page}>Keep {name}</ButtonLink>
        <Button type="submit" variant="danger" aria-disabled={isBusy}>
          Delete {name}
        </Button>
      </div>
    </Form>
  );
};

interface VariableRowProps {
  readonly variable: Variable;
  /** Whether its deletion is to be confirmed. */
  readonly isAsked: boolean;
}

/** One variable: its value as far as it may be shown, what it is for, who reads it, and what can be done with it. */
export const VariableRow = ({ variable, isAsked }: VariableRowProps) => {
  const may = useMay('variables:write');
  const { name, type, description, updatedBy, updatedAt } = variable;
  return (
    <li className="px-5 py-3">
      <div className="flex flex-wrap items-start gap-x-5 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <p className="flex flex-wrap items-center gap-2">
            <code className="font-mono font-medium [overflow-wrap:anywhere]">{name}</code>
            <Pill tone={type === 'secret' ? 'live' : 'quiet'}>{variableKinds[type].title}</Pill>
          </p>
          {description ? <p className="text-xs text-ink-2 [overflow-wrap:anywhere]">{description}</p> : null}
        </div>
        <div className="w-full min-w-0 sm:w-52">
          <Value variable={variable} />
        </div>
        <div className="w-full text-xs text-ink-2 sm:w-52">
          <p>
            {isRead(variable) ? (
              <>
                Read by <Readers variable={variable} />
              </>
            ) : (
              'No live flow reads it'
            )}
          </p>
          <p>
            {updatedBy}, <TimeAgo at={updatedAt} />
          </p>
        </div>
        {may ? (
          <div className="flex gap-2">
            <ButtonLink size="sm" to={`${page}?edit=${name}`} aria-label={`Edit ${name}`}>
              Edit
            </ButtonLink>
            <ButtonLink size="sm" variant="danger" to={`${page}?delete=${name}`} aria-label={`Delete ${name}`}>
              Delete
            </ButtonLink>
          </div>
        ) : null}
      </div>
      {may && isAsked ? <Delete variable={variable} /> : null}
    </li>
  );
};
