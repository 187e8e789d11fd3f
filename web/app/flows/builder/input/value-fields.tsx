import type { Json } from '@everwave/schema/flow';
import { SelectField } from '#app/components/ui/field.tsx';
import { unreachable } from '#app/words/unreachable.ts';
import { AnyField } from './any-field.tsx';
import { ConditionField } from './condition-field.tsx';
import { ListField } from './list-field.tsx';
import { PairsField } from './pairs-field.tsx';
import type { ShapedField, Shape } from './shape.ts';
import type { ValueFieldProps } from './value-field-props.ts';
import { TextWithValues } from './text-with-values.tsx';

const isRecord = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One value of a step's input, with the control that its shape asks for. */
export const ValueField = (props: ValueFieldProps) => {
  const { shape, label, hint, optional = false, fallback, value, path, problems, onChange, placeholder } = props;
  const error = problems.get(path);
  const shell = { label, hint, error, optional };
  // One expression can stand for a whole list, or for all pairs.
  const asText = typeof value === 'string' && (shape.kind === 'list' || shape.kind === 'pairs');
  if (asText) {
    return (
      <TextWithValues
        {...shell}
        look="line"
        takesValues
        value={value}
        onChange={(text) => onChange(text === '' ? undefined : text)}
      />
    );
  }
  switch (shape.kind) {
    case 'text':
    case 'code':
    case 'duration':
      return (
        <TextWithValues
          {...shell}
          look={shape.kind === 'code' ? 'code' : shape.kind === 'text' && shape.isLong ? 'long' : 'line'}
          takesValues={shape.kind !== 'code' && !(shape.kind === 'text' && shape.isLiteral)}
          placeholder={placeholder ?? (shape.kind === 'duration' ? '10m' : fallbackText(fallback))}
          value={toText(value)}
          onChange={(text) => onChange(text === '' ? undefined : text)}
        />
      );
    case 'number':
      return (
        <TextWithValues
          {...shell}
          look="line"
          inputMode={shape.isWhole ? 'numeric' : 'decimal'}
          takesValues={!shape.isLiteral}
          placeholder={placeholder ?? fallbackText(fallback)}
          value={toText(value)}
          onChange={(text) => onChange(toNumber(text))}
        />
      );
    case 'switch':
      return (
        <label className="flex items-start gap-2 font-medium">
          <input
            type="checkbox"
            checked={(value ?? fallback) === true}
            onChange={(event) => onChange(event.currentTarget.checked)}
            className="mt-0.5 size-4 accent-[var(--coral)]"
          />
          <span>
            {label}
            {hint ? <span className="block text-xs font-normal text-ink-2">{hint}</span> : null}
          </span>
        </label>
      );
    case 'choice':
      return (
        <SelectField
          {...shell}
          value={value === undefined ? '' : JSON.stringify(value)}
          onChange={(event) => {
            const text = event.currentTarget.value;
            onChange(text === '' ? undefined : (JSON.parse(text) as Json));
          }}
        >
          {value === undefined || optional || fallback !== undefined ? (
            <option value="">{fallback === undefined ? 'Choose…' : `${titleOf(shape, fallback)} (as usual)`}</option>
          ) : null}
          {shape.choices.map((choice) => (
            <option key={JSON.stringify(choice.value)} value={JSON.stringify(choice.value)}>
              {choice.title}
            </option>
          ))}
        </SelectField>
      );
    case 'list':
      return <ListField {...props} shape={shape} Value={ValueField} />;
    case 'pairs':
      return <PairsField {...props} shape={shape} Value={ValueField} />;
    case 'fields':
      return (
        <fieldset className="space-y-4 rounded-md border border-line p-3">
          <legend className="px-1 text-sm font-medium">{label}</legend>
          {hint ? <p className="text-xs text-ink-2">{hint}</p> : null}
          <FieldList
            fields={shape.fields}
            values={isRecord(value) ? value : {}}
            path={path}
            problems={problems}
            onChange={(next) => onChange(Object.keys(next).length === 0 && optional ? undefined : next)}
          />
        </fieldset>
      );
    case 'condition':
      return <ConditionField {...shell} path={path} problems={problems} value={value} onChange={onChange} />;
    case 'any':
      return <AnyField {...props} Value={ValueField} />;
    default:
      throw unreachable(shape);
  }
};

/** Fields of one value, each changed by itself. */
export const FieldList = ({
  fields,
  values,
  path,
  problems,
  onChange,
}: {
  readonly fields: readonly ShapedField[];
  readonly values: { readonly [name: string]: Json };
  readonly path: string;
  readonly problems: ReadonlyMap<string, string>;
  /** `name` says which field it was. */
  readonly onChange: (values: { readonly [name: string]: Json }, name: string) => void;
}) => (
  <>
    {fields.map((field) => (
      <ValueField
        key={field.name}
        shape={field.shape}
        label={field.title}
        hint={field.description ?? undefined}
        placeholder={field.placeholder ?? undefined}
        optional={!field.isRequired && field.shape.kind !== 'switch'}
        fallback={field.fallback}
        value={values[field.name]}
        path={path === '' ? field.name : `${path}.${field.name}`}
        problems={problems}
        onChange={(value) => {
          const { [field.name]: _, ...rest } = values;
          onChange(value === undefined ? rest : { ...values, [field.name]: value }, field.name);
        }}
      />
    ))}
  </>
);

const toText = (value: Json | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

const fallbackText = (fallback: Json | undefined): string | undefined =>
  fallback === undefined || fallback === null || typeof fallback === 'object' ? undefined : toText(fallback);

const titleOf = (shape: Extract<Shape, { kind: 'choice' }>, value: Json): string =>
  shape.choices.find((choice) => choice.value === value)?.title ?? toText(value);

/** A number, or what is to become one: an expression, or what is still being typed. */
const toNumber = (text: string): Json | undefined => {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text;
};
