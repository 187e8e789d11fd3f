import { Braces } from 'lucide-react';
import { useContext, useId, useRef, useState } from 'react';
import { Button } from '#app/components/ui/button.tsx';
import { Field } from '#app/components/ui/field.tsx';
import { classNames } from '#app/words/class-names.ts';
import { SampleValues } from './sample-values-context.ts';
import { ValuePicker } from './value-picker.tsx';

interface TextWithValuesProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly optional?: boolean;
  readonly look: 'line' | 'long' | 'code';
  readonly inputMode?: 'numeric' | 'decimal';
  /** Whether `{{ }}` means something here. */
  readonly takesValues: boolean;
  readonly placeholder?: string | undefined;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

/** Text in which values of the run can stand: picked from a list, where the caret is. */
export const TextWithValues = ({
  label,
  hint,
  error,
  optional = false,
  look,
  inputMode,
  takesValues,
  placeholder,
  value,
  onChange,
}: TextWithValuesProps) => {
  const groups = useContext(SampleValues);
  const control = useRef<HTMLTextAreaElement>(null);
  const [isPicking, setPicking] = useState(false);
  const listId = useId();
  const lines = value.split('\n').length;
  const insert = (path: string): void => {
    const [from, to] = [control.current?.selectionStart ?? value.length, control.current?.selectionEnd ?? value.length];
    // Between braces that are there already, the path alone.
    const isInside = /\{\{[^}]*$/.test(value.slice(0, from)) && /^[^{]*\}\}/.test(value.slice(to));
    const text = isInside ? path : `{{ ${path} }}`;
    onChange(value.slice(0, from) + text + value.slice(to));
    setPicking(false);
    const caret = from + text.length;
    requestAnimationFrame(() => {
      control.current?.focus();
      control.current?.setSelectionRange(caret, caret);
    });
  };
  return (
    <div>
      <Field label={label} hint={hint} error={error} optional={optional}>
        {(described) => (
          <span className="relative block">
            <textarea
              {...described}
              ref={control}
              rows={
                look === 'line'
                  ? Math.min(lines, 4)
                  : look === 'long'
                    ? Math.max(3, Math.min(lines, 12))
                    : Math.max(8, Math.min(lines + 1, 24))
              }
              value={value}
              inputMode={inputMode}
              placeholder={placeholder}
              spellCheck={look === 'long'}
              autoCapitalize="off"
              onChange={(event) => onChange(event.currentTarget.value)}
              className={classNames(
                'field resize-y',
                look === 'line' && '!min-h-0 resize-none',
                look === 'code' && 'font-mono text-xs',
                takesValues && '!pr-10',
              )}
            />
            {takesValues && groups.length > 0 ? (
              <Button
                variant="quiet"
                size="sm"
                aria-label={`Put a value of the run into ${label}`}
                aria-expanded={isPicking}
                aria-controls={isPicking ? listId : undefined}
                title="Put in a value of the run"
                icon={<Braces size={15} />}
                className="absolute top-0.5 right-0.5"
                onClick={() => setPicking(!isPicking)}
              />
            ) : null}
          </span>
        )}
      </Field>
      {isPicking ? <ValuePicker id={listId} groups={groups} onPick={insert} onClose={() => setPicking(false)} /> : null}
    </div>
  );
};
