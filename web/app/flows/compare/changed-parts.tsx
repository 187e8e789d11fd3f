import { Section } from '#app/components/data/section.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { ChangeList } from '#app/components/values/change-list.tsx';
import { changeWords } from '../canvas/change-words.ts';
import type { ComparedDrawings, DrawingChange } from './compare-drawings.ts';

const tones = { added: 'ok', removed: 'bad', changed: 'warn' } as const satisfies Record<DrawingChange, string>;

const Mark = ({ change }: { readonly change: DrawingChange }) => (
  <Pill tone={tones[change]}>{changeWords[change]}</Pill>
);

interface ChangedPartsProps {
  readonly compared: ComparedDrawings;
  /** Chosen on the canvas: stands first. */
  readonly selectedId: string | null;
}

/** Every difference in words: of steps their fields, then the ways between them, then the flow itself. */
export const ChangedParts = ({ compared, selectedId }: ChangedPartsProps) => {
  const { edges, settings } = compared;
  const steps = compared.steps.toSorted((one, two) => Number(two.id === selectedId) - Number(one.id === selectedId));
  return (
    <>
      {steps.length > 0 ? (
        <Section title="Steps" flush>
          <ul className="divide-y divide-line">
            {steps.map(({ id, title, change, fields }) => (
              <li key={id} className="space-y-2 px-5 py-3" aria-current={id === selectedId ? 'true' : undefined}>
                <p className="flex flex-wrap items-center gap-2">
                  <span className="font-medium [overflow-wrap:anywhere]">{title}</span>
                  <code className="font-mono text-xs text-ink-2">{id}</code>
                  <span className="ml-auto">
                    <Mark change={change} />
                  </span>
                </p>
                {Object.keys(fields).length > 0 ? <ChangeList changes={fields} /> : null}
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      {edges.length > 0 ? (
        <Section title="Ways between steps" flush>
          <ul className="divide-y divide-line">
            {edges.map(({ id, from, to, port, change }) => (
              <li key={id} className="flex flex-wrap items-center gap-2 px-5 py-2.5">
                <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">
                  {from} <span aria-hidden>→</span>
                  <span className="sr-only">leads to</span> {to}
                  {port === 'out' ? null : <code className="ml-2 font-mono text-xs text-ink-2">{port}</code>}
                </span>
                <Mark change={change} />
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      {Object.keys(settings).length > 0 ? (
        <Section title="Settings of the flow">
          <ChangeList changes={settings} />
        </Section>
      ) : null}
    </>
  );
};
