import type { Json } from '@everwave/schema/flow';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#app/components/ui/button.tsx';
import { GroupField } from './group-field.tsx';
import type { Shape } from './shape.ts';
import type { OuterFieldProps } from './value-field-props.ts';

type PairsShape = Extract<Shape, { kind: 'pairs' }>;

/** A name that has not been used: `name`, `name2`. */
const freshName = (taken: readonly string[]): string => {
  let name = 'name';
  for (let number = 2; taken.includes(name); number += 1) name = `name${number}`;
  return name;
};

/** Names and values. A name that is being typed is not one yet: it counts when the field is left. */
const NameField = ({
  name,
  label,
  taken,
  onRename,
}: {
  readonly name: string;
  readonly label: string;
  readonly taken: readonly string[];
  readonly onRename: (name: string) => void;
}) => {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? name;
  const isTaken = shown !== name && taken.includes(shown);
  const leave = () => {
    setTyped(null);
    if (shown !== name && shown !== '' && !isTaken) onRename(shown);
  };
  return (
    <input
      value={shown}
      aria-label={label}
      aria-invalid={isTaken || shown === '' ? true : undefined}
      title={isTaken ? `There is a ${shown} already.` : undefined}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={leave}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
      }}
      className="field !py-1 font-mono text-xs"
    />
  );
};

export const PairsField = (props: OuterFieldProps & { readonly shape: PairsShape }) => {
  const { shape, label, hint, optional, value, path, problems, onChange, Value } = props;
  const pairs = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const names = pairs.map(([name]) => name);
  const change = (next: readonly (readonly [string, Json])[]) =>
    onChange(next.length === 0 && optional ? undefined : Object.fromEntries(next));
  return (
    <GroupField label={label} hint={hint} error={problems.get(path)} optional={optional ?? false}>
      {pairs.map(([name, member], at) => (
        <div
          // oxlint-disable-next-line react/no-array-index-key -- a pair keeps its place while its name is typed
          key={at}
          className="flex items-start gap-1 rounded-md border border-line p-2"
        >
          <div className="min-w-0 flex-1 space-y-2">
            <NameField
              name={name}
              label={`Name ${at + 1} of ${label}`}
              taken={names}
              onRename={(next) => change(pairs.with(at, [next, member]))}
            />
            <Value
              shape={shape.value}
              label={name}
              value={member}
              path={`${path}.${name}`}
              problems={problems}
              onChange={(next) => change(pairs.with(at, [name, next ?? '']))}
            />
          </div>
          <Button
            variant="quiet"
            size="sm"
            aria-label={`Remove ${name} of ${label}`}
            icon={<Trash2 size={14} />}
            onClick={() => change(pairs.toSpliced(at, 1))}
          />
        </div>
      ))}
      <Button
        size="sm"
        icon={<Plus size={14} aria-hidden />}
        aria-label={`Add to ${label}`}
        onClick={() => change([...pairs, [freshName(names), '']])}
      >
        Add
      </Button>
    </GroupField>
  );
};
