import type { Json } from '@everwave/schema/flow';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { Button } from '#app/components/ui/button.tsx';
import { GroupField } from './group-field.tsx';
import type { Shape } from './shape.ts';
import type { OuterFieldProps } from './value-field-props.ts';

type ListShape = Extract<Shape, { kind: 'list' }>;

/** What a new entry begins with. */
const emptyOf = (shape: Shape): Json => {
  if (shape.kind === 'fields' || shape.kind === 'pairs') return {};
  if (shape.kind === 'list') return [];
  if (shape.kind === 'choice') return shape.choices[0]?.value ?? '';
  return shape.kind === 'switch' ? false : '';
};

/** Entries, one below the other; each can be moved and removed. */
export const ListField = (props: OuterFieldProps & { readonly shape: ListShape }) => {
  const { shape, label, hint, optional, value, path, problems, onChange, Value } = props;
  const entries = Array.isArray(value) ? (value as readonly Json[]) : [];
  const change = (next: readonly Json[]) => onChange(next.length === 0 && optional ? undefined : [...next]);
  const swap = (one: number, other: number) => {
    const next = [...entries];
    const [left, right] = [next[one], next[other]];
    if (left === undefined || right === undefined) return;
    next[one] = right;
    next[other] = left;
    change(next);
  };
  return (
    <GroupField label={label} hint={hint} error={problems.get(path)} optional={optional ?? false}>
      {entries.map((entry, at) => (
        <div
          // oxlint-disable-next-line react/no-array-index-key -- an entry is nothing but its place in the list
          key={at}
          className="flex items-start gap-1 rounded-md border border-line p-2"
        >
          <div className="min-w-0 flex-1">
            <Value
              shape={shape.item}
              label={`${shape.title} ${at + 1}`}
              value={entry}
              path={`${path}[${at}]`}
              problems={problems}
              onChange={(next) => change(entries.with(at, next ?? emptyOf(shape.item)))}
            />
          </div>
          <span className="flex flex-col">
            <Button
              variant="quiet"
              size="sm"
              aria-label={`Move entry ${at + 1} of ${label} up`}
              disabled={at === 0}
              icon={<ArrowUp size={14} />}
              onClick={() => swap(at, at - 1)}
            />
            <Button
              variant="quiet"
              size="sm"
              aria-label={`Move entry ${at + 1} of ${label} down`}
              disabled={at === entries.length - 1}
              icon={<ArrowDown size={14} />}
              onClick={() => swap(at, at + 1)}
            />
            <Button
              variant="quiet"
              size="sm"
              aria-label={`Remove entry ${at + 1} of ${label}`}
              icon={<Trash2 size={14} />}
              onClick={() => change(entries.toSpliced(at, 1))}
            />
          </span>
        </div>
      ))}
      <span className="flex flex-wrap gap-2">
        <Button
          size="sm"
          icon={<Plus size={14} aria-hidden />}
          aria-label={`Add to ${label}`}
          onClick={() => change([...entries, emptyOf(shape.item)])}
        >
          Add
        </Button>
        {entries.length === 0 ? (
          <Button variant="quiet" size="sm" onClick={() => onChange('{{  }}')}>
            Use a value of the run
          </Button>
        ) : null}
      </span>
    </GroupField>
  );
};
