import type { FlowGraph, FlowSettings, Issue } from '@everwave/schema/flow';
import { CircleCheck } from 'lucide-react';
import { SelectField, TextField } from '#app/components/ui/field.tsx';
import { isDuration } from '@everwave/schema/flow';

interface FlowPanelProps {
  readonly graph: FlowGraph;
  readonly issues: readonly Issue[];
  readonly onShow: (issue: Issue) => void;
  readonly onConfigure: (settings: Partial<FlowSettings>, changed: string) => void;
}

/** What concerns the drawing as a whole: what is wrong with it, and how its runs behave. */
export const FlowPanel = ({ graph, issues, onShow, onConfigure }: FlowPanelProps) => {
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  return (
    <div className="space-y-5 p-4">
      <section aria-label="Check">
        <h2 className="font-semibold">
          {errors > 0 ? `${errors} to mend before it can be published` : 'Ready to publish'}
        </h2>
        {issues.length === 0 ? (
          <p className="mt-2 flex items-center gap-2 text-xs text-ink-2">
            <CircleCheck size={15} className="text-ok" aria-hidden />
            Nothing is wrong with this drawing.
          </p>
        ) : (
          <ul className="mt-2 space-y-1">
            {issues.map((issue) => (
              <li key={`${issue.code} ${issue.path}`}>
                <button
                  type="button"
                  onClick={() => onShow(issue)}
                  className={`w-full rounded px-2 py-1 text-left text-xs hover:bg-sunken ${issue.severity === 'error' ? 'text-bad' : 'text-warn'}`}
                >
                  {issue.message}
                </button>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section aria-label="Settings of the flow" className="space-y-4 border-t border-line pt-4">
        <h2 className="font-semibold">Settings of the flow</h2>
        <SelectField
          label="When a step fails for good"
          value={graph.settings.onFailure ?? ''}
          onChange={(event) => {
            const value = event.currentTarget.value;
            onConfigure(
              { onFailure: value === '' ? undefined : (value as 'park') } as Partial<FlowSettings>,
              'onFailure',
            );
          }}
        >
          <option value="">As usual: wait for a person, unless a caller waits</option>
          <option value="park">Wait for a person, who repairs it</option>
          <option value="fail">The run fails</option>
          <option value="continue">Go on without its output</option>
        </SelectField>
        <DurationSetting
          label="A step waits for a person at most"
          value={graph.settings.parkLimit}
          onChange={(parkLimit) => onConfigure({ parkLimit }, 'parkLimit')}
        />
        <DurationSetting
          label="A run may take"
          value={graph.settings.runTimeout}
          onChange={(runTimeout) => onConfigure({ runTimeout }, 'runTimeout')}
        />
        <SelectField
          label="Lane"
          value={graph.settings.lane}
          hint="Express runs steps that may be repeated without a stop between them: faster, with less in Temporal's history."
          onChange={(event) => onConfigure({ lane: event.currentTarget.value as FlowSettings['lane'] }, 'lane')}
        >
          <option value="durable">Durable: each step is a stop</option>
          <option value="express">Express</option>
        </SelectField>
        <label className="flex items-start gap-2 font-medium">
          <input
            type="checkbox"
            checked={graph.settings.compensateOnCancel}
            onChange={(event) => onConfigure({ compensateOnCancel: event.currentTarget.checked }, 'compensateOnCancel')}
            className="mt-0.5 size-4 accent-[var(--coral)]"
          />
          A run that is cancelled undoes what it has done
        </label>
      </section>
    </div>
  );
};

const DurationSetting = ({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: FlowSettings['parkLimit'];
  readonly onChange: (value: FlowSettings['parkLimit']) => void;
}) => (
  <TextField
    key={value}
    label={label}
    defaultValue={value}
    hint="A number and a unit: 15m, 2h, 30d."
    onBlur={(event) => {
      const text = event.currentTarget.value.trim();
      if (isDuration(text) && text !== value) onChange(text);
      else event.currentTarget.value = value;
    }}
  />
);
