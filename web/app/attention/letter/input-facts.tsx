import type { Json } from '@everwave/schema/flow';
import type { JsonSchema } from '@everwave/schema/node';
import { ValueTree } from '#app/components/values/value-tree.tsx';
import { fieldsOf } from '#app/schema-form/fields-of.ts';
import { toFormFields } from '#app/schema-form/form-fields.ts';

/** An input in the words of its node's schema: each field by its title, then what the schema does not name. */
export const InputFacts = ({ schema, input }: { readonly schema: JsonSchema; readonly input: Json }) => {
  const fields = fieldsOf(input);
  if (!fields) return <ValueTree value={input} root="input" />;
  const titles = new Map(toFormFields(schema).map(({ name, title }) => [name, title]));
  const names = [...titles.keys(), ...Object.keys(fields).filter((name) => !titles.has(name))];
  return (
    <dl className="space-y-3">
      {names.map((name) => {
        const value = fields[name];
        if (value === undefined) return null;
        return (
          <div key={name}>
            <dt className="text-xs text-ink-2">{titles.get(name) ?? name}</dt>
            <dd className="[overflow-wrap:anywhere] whitespace-pre-wrap">
              {typeof value === 'object' && value !== null ? (
                <ValueTree value={value} root={`input.${name}`} />
              ) : (
                String(value)
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
};
