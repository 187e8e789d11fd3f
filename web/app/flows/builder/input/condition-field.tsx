import { type Comparison, type Condition, type Json, operatorTitles } from '@everwave/schema/flow';
import { Plus, Trash2 } from 'lucide-react';
import { Button } from '#app/components/ui/button.tsx';
import { GroupField } from './group-field.tsx';
import { TextWithValues } from './text-with-values.tsx';

interface ConditionFieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly optional?: boolean;
  readonly value: Json | undefined;
  readonly path: string;
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (value: Json | undefined) => void;
}

const isCondition = (value: Json | undefined): value is Json & Condition =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const first: Comparison = { left: '', operator: 'equals', right: '' };
const withoutRight: ReadonlySet<string> = new Set(['exists', 'notExists', 'isTrue', 'isFalse']);

/** `12` compares as a number and `true` as yes; anything else is text. */
const toOperand = (text: string): Json => {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text === 'true' || text === 'false' ? text === 'true' : text;
};
const fromOperand = (value: Json | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** A condition as sentences: what is compared, how, with what; and whether all or any must hold. */
export const ConditionField = ({
  label,
  hint,
  error,
  optional,
  value,
  path,
  problems,
  onChange,
}: ConditionFieldProps) => {
  const condition = isCondition(value) ? value : null;
  return (
    <GroupField label={label} hint={hint} error={error} optional={optional ?? false}>
      {condition ? (
        <OneCondition
          condition={condition}
          path={path}
          problems={problems}
          onChange={(next) => onChange(next ?? undefined)}
          mayRemove={optional ?? false}
          depth={0}
        />
      ) : (
        <Button size="sm" icon={<Plus size={14} aria-hidden />} onClick={() => onChange({ ...first })}>
          Add a condition
        </Button>
      )}
    </GroupField>
  );
};

interface OneConditionProps {
  readonly condition: Condition;
  readonly path: string;
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (next: (Json & Condition) | null) => void;
  readonly mayRemove: boolean;
  readonly depth: number;
}

const OneCondition = (props: OneConditionProps) => {
  const { condition } = props;
  if ('all' in condition) return <GroupOfConditions {...props} join="all" parts={condition.all} />;
  if ('any' in condition) return <GroupOfConditions {...props} join="any" parts={condition.any} />;
  if ('not' in condition) return <GroupOfConditions {...props} join="not" parts={[condition.not]} />;
  return <OneComparison {...props} comparison={condition} />;
};

const RemoveButton = ({ label, onClick }: { readonly label: string; readonly onClick: () => void }) => (
  <Button variant="quiet" size="sm" aria-label={label} icon={<Trash2 size={14} />} onClick={onClick} />
);

const joins = { all: 'All of these hold', any: 'Any of these holds', not: 'This does not hold' } as const;
type Join = keyof typeof joins;

const joined = (join: Join, parts: readonly Condition[]): Json & Condition =>
  (join === 'not' ? { not: parts[0] ?? first } : { [join]: parts }) as unknown as Json & Condition;

const GroupOfConditions = ({
  join,
  parts,
  path,
  problems,
  onChange,
  mayRemove,
  depth,
}: OneConditionProps & { readonly join: Join; readonly parts: readonly Condition[] }) => (
  <div className="space-y-2 rounded-md border border-line p-2">
    <span className="flex items-center gap-2">
      <select
        aria-label="How these conditions belong together"
        value={join}
        onChange={(event) => onChange(joined(event.currentTarget.value as Join, parts))}
        className="field !py-1 text-xs"
      >
        {Object.entries(joins).map(([name, title]) => (
          <option key={name} value={name} disabled={name === 'not' && parts.length > 1}>
            {title}
          </option>
        ))}
      </select>
      {mayRemove ? <RemoveButton label="Remove these conditions" onClick={() => onChange(null)} /> : null}
    </span>
    {parts.map((part, at) => (
      <OneCondition
        // oxlint-disable-next-line react/no-array-index-key -- a condition is nothing but its place among the others
        key={at}
        condition={part}
        path={join === 'not' ? `${path}.not` : `${path}.${join}[${at}]`}
        problems={problems}
        mayRemove
        depth={depth + 1}
        onChange={(next) => {
          const rest = next ? parts.with(at, next) : parts.toSpliced(at, 1);
          const [only] = rest;
          if (!only) onChange(mayRemove ? null : ({ ...first } as Json & Condition));
          else onChange(rest.length === 1 && next === null ? (only as Json & Condition) : joined(join, rest));
        }}
      />
    ))}
    {join === 'not' ? null : (
      <Button
        size="sm"
        icon={<Plus size={14} aria-hidden />}
        onClick={() => onChange(joined(join, [...parts, { ...first }]))}
      >
        Add a condition
      </Button>
    )}
  </div>
);

const OneComparison = ({
  comparison,
  path,
  problems,
  onChange,
  mayRemove,
  depth,
}: OneConditionProps & { readonly comparison: Comparison }) => {
  const { left, operator, right } = comparison;
  const change = (next: Partial<Comparison>) => onChange({ ...comparison, ...next } as Json & Condition);
  const hasRight = !withoutRight.has(operator);
  return (
    <div className="space-y-2">
      <TextWithValues
        label="Value"
        error={problems.get(`${path}.left`)}
        look="line"
        takesValues
        value={fromOperand(left as Json)}
        onChange={(text) => change({ left: text })}
      />
      <span className="flex items-center gap-2">
        <select
          aria-label="Comparison"
          value={operator}
          onChange={(event) => {
            const next = event.currentTarget.value as Comparison['operator'];
            const { right: _, ...rest } = comparison;
            onChange(
              (withoutRight.has(next)
                ? { ...rest, operator: next }
                : { right: '', ...comparison, operator: next }) as Json & Condition,
            );
          }}
          className="field !py-1"
        >
          {Object.entries(operatorTitles).map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
        {mayRemove ? <RemoveButton label="Remove this condition" onClick={() => onChange(null)} /> : null}
      </span>
      {hasRight ? (
        <TextWithValues
          label="Compared with"
          error={problems.get(`${path}.right`)}
          look="line"
          takesValues
          value={fromOperand(right as Json | undefined)}
          onChange={(text) => change({ right: toOperand(text) })}
        />
      ) : null}
      {depth === 0 ? (
        <Button
          variant="quiet"
          size="sm"
          icon={<Plus size={14} aria-hidden />}
          onClick={() => onChange(joined('all', [comparison, { ...first }]))}
        >
          And another condition
        </Button>
      ) : null}
    </div>
  );
};
