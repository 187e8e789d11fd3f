import { CircleAlert, CircleCheck } from 'lucide-react';
import { type ChangeEvent, useId, useRef } from 'react';
import { classNames } from '#app/words/class-names.ts';
import { Button } from '../ui/button.tsx';
import { parseJson } from './parse-json.ts';

interface JsonEditorProps {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly rows?: number;
}

/** A place to write JSON: line numbers, a word about what is wrong and where, and one press to put it in order. */
export const JsonEditor = ({ label, text, onChange, rows = 14 }: JsonEditorProps) => {
  const id = useId();
  const gutter = useRef<HTMLDivElement>(null);
  const parsed = parseJson(text);
  const lines = text.split('\n').length;
  return (
    <div>
      <div className="mb-1.5 flex items-center justify-between">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        <Button
          variant="quiet"
          size="sm"
          disabled={!parsed.ok}
          onClick={() => parsed.ok && onChange(JSON.stringify(parsed.value, null, 2))}
        >
          Tidy up
        </Button>
      </div>
      <div
        className={classNames(
          'flex overflow-hidden rounded-md border bg-surface font-mono text-xs leading-5 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-[var(--focus)]',
          parsed.ok ? 'border-line-strong' : 'border-bad',
        )}
      >
        <div
          ref={gutter}
          aria-hidden
          className="tabular shrink-0 overflow-hidden border-r border-line bg-sunken py-2 pr-2 pl-3 text-right text-ink-2 select-none"
          style={{ height: rows * 20 + 16 }}
        >
          {Array.from({ length: lines }, (_, at) => (
            <div key={at} className={parsed.ok || parsed.line !== at + 1 ? undefined : 'font-bold text-bad'}>
              {at + 1}
            </div>
          ))}
        </div>
        <textarea
          id={id}
          value={text}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          aria-invalid={parsed.ok ? undefined : true}
          aria-describedby={`${id}-verdict`}
          onChange={(event: ChangeEvent<HTMLTextAreaElement>) => onChange(event.target.value)}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
          className="min-w-0 flex-1 resize-none overflow-auto bg-transparent p-2 outline-none"
          style={{ height: rows * 20 + 16 }}
        />
      </div>
      <p
        id={`${id}-verdict`}
        role="status"
        className={classNames('mt-1.5 flex items-center gap-1.5 text-xs', parsed.ok ? 'text-ink-2' : 'text-bad')}
      >
        {parsed.ok ? <CircleCheck size={14} className="text-ok" aria-hidden /> : <CircleAlert size={14} aria-hidden />}
        {parsed.ok ? 'Valid JSON' : parsed.message}
      </p>
    </div>
  );
};
