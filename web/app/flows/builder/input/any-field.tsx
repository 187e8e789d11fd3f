import { useId } from 'react';
import { asType, typeOfValue, valueTypes } from './any-value.ts';
import { GroupField } from './group-field.tsx';
import type { Shape } from './shape.ts';
import type { OuterFieldProps } from './value-field-props.ts';

const text: Shape = { kind: 'text', isLong: true, isLiteral: false };
const shapes: Readonly<Record<Exclude<ReturnType<typeof typeOfValue>, 'nothing'>, Shape>> = {
  text,
  number: { kind: 'number', isWhole: false, isLiteral: false },
  boolean: { kind: 'switch' },
  list: { kind: 'list', item: { kind: 'any' }, title: 'Entry' },
  fields: { kind: 'pairs', value: { kind: 'any' } },
};

/** Any value: its type is chosen, and the control follows. A text that is one expression gives a value of any type. */
export const AnyField = ({
  label,
  hint,
  optional,
  value,
  path,
  problems,
  placeholder,
  onChange,
  Value,
}: OuterFieldProps) => {
  const id = useId();
  const type = typeOfValue(value);
  // Said once, by the group.
  const inside = new Map([...problems].filter(([at]) => at !== path));
  return (
    <GroupField label={label} hint={hint} error={problems.get(path)} optional={optional ?? false}>
      <label htmlFor={id} className="sr-only">
        Type of {label}
      </label>
      <select
        id={id}
        value={type}
        onChange={(event) => onChange(asType(value, event.currentTarget.value as typeof type))}
        className="field !w-auto !py-1 text-xs"
      >
        {Object.entries(valueTypes).map(([name, title]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
      {type === 'nothing' ? null : (
        <Value
          shape={shapes[type]}
          label={type === 'boolean' ? 'Yes' : `${label}, ${valueTypes[type].toLowerCase()}`}
          placeholder={placeholder}
          value={value}
          path={path}
          problems={inside}
          onChange={onChange}
        />
      )}
    </GroupField>
  );
};
