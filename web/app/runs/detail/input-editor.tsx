import type { JsonSchema } from '@everwave/schema/node';
import { type FormEvent, useState } from 'react';
import type { PageProblem } from '#app/api/api-error.ts';
import { TabList, TabPanel } from '#app/components/ui/tabs.tsx';
import { JsonEditor } from '#app/components/values/json-editor.tsx';
import { parseJson } from '#app/components/values/parse-json.ts';
import { type Fields, fieldsOf } from '#app/schema-form/fields-of.ts';
import { readForm } from '#app/schema-form/read-form.ts';
import { SchemaFields } from '#app/schema-form/schema-fields.tsx';

interface InputEditorProps {
  readonly schema: JsonSchema;
  /** The input as JSON; empty text while the form does not hold a whole one. */
  readonly text: string;
  readonly onChange: (text: string) => void;
}

type View = 'form' | 'json';

const prefix = 'input';

const fieldsIn = (text: string): Fields => {
  const parsed = parseJson(text);
  return (parsed.ok ? fieldsOf(parsed.value) : null) ?? {};
};

/** A step's input as the questions of its node's schema, or as JSON for whoever wants to see all of it. */
export const InputEditor = ({ schema, text, onChange }: InputEditorProps) => {
  const [view, setView] = useState<View>('form');
  const [errors, setErrors] = useState<PageProblem['errors']>([]);
  // The fields keep what was typed themselves: they begin anew only when the view changes.
  const [begun, setBegun] = useState(() => fieldsIn(text));

  const read = (event: FormEvent<HTMLFieldSetElement>): void => {
    const form = event.currentTarget.form;
    if (!form) return;
    const result = readForm(schema, new FormData(form), prefix);
    setErrors(result.ok ? [] : [...result.errors]);
    onChange(result.ok ? JSON.stringify(result.value, null, 2) : '');
  };
  const choose = (next: View): void => {
    if (next === 'form') setBegun(fieldsIn(text));
    setView(next);
  };
  return (
    <div>
      <TabList
        label="How to edit the input"
        tabs={[
          { id: 'form', label: 'Form' },
          { id: 'json', label: 'JSON' },
        ]}
        selected={view}
        onSelect={choose}
      />
      <TabPanel id={view}>
        {view === 'form' ? (
          <fieldset onChange={read} className="space-y-5">
            <legend className="sr-only">Input</legend>
            <SchemaFields schema={schema} prefix={prefix} values={begun} errors={errors} />
          </fieldset>
        ) : (
          <JsonEditor label="Input" text={text} onChange={onChange} rows={12} />
        )}
      </TabPanel>
    </div>
  );
};
