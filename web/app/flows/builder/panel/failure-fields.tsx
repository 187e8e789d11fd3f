import { type GraphNode, toMilliseconds, isDuration } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import { SelectField, TextField } from '#app/components/ui/field.tsx';
import { formatDuration } from '#app/time/time-words.ts';

type Policy = GraphNode['policy'];
type Defaults = NonNullable<NodeManifest['activity']>;

interface FailureFieldsProps {
  readonly defaults: Defaults;
  readonly policy: Policy;
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (policy: Policy, name: string) => void;
}

const durations = {
  initialInterval: ['First wait', 'initialInterval'],
  maximumInterval: ['Longest wait', 'maximumInterval'],
  startToCloseTimeout: ['One attempt may take', 'startToCloseTimeout'],
  scheduleToCloseTimeout: ['All attempts together', 'scheduleToCloseTimeout'],
} as const;

const defaultOf = ({ retry, startToCloseTimeout, scheduleToCloseTimeout }: Defaults) => ({
  initialInterval: retry.initialInterval,
  maximumInterval: retry.maximumInterval,
  startToCloseTimeout,
  scheduleToCloseTimeout,
});

/** When each attempt begins, in ms after the first has failed at once. */
const attemptTimes = (defaults: Defaults, policy: Policy): readonly number[] => {
  const usual = defaultOf(defaults);
  const [first, longest] = [
    policy.initialInterval ?? usual.initialInterval,
    policy.maximumInterval ?? usual.maximumInterval,
  ].map((text) => (isDuration(text) ? toMilliseconds(text) : 0));
  const attempts = policy.maximumAttempts ?? defaults.retry.maximumAttempts;
  const times = [0];
  for (let wait = first ?? 0; times.length < Math.min(attempts, 100); wait *= 2) {
    times.push((times.at(-1) ?? 0) + Math.min(wait, longest ?? wait));
  }
  return times;
};

const mostShown = 5;

const inWords = (times: readonly number[]): string => {
  if (times.length === 1) return 'One attempt, and no other.';
  const shown = times.slice(1, mostShown).map((time) => formatDuration(time));
  const rest = times.length > mostShown ? `, … the last after ${formatDuration(times.at(-1) ?? 0)}` : '';
  return `${times.length} attempts: at once, after ${shown.join(', ')}${rest}.`;
};

/** What happens when the step fails: in a builder's words, with Temporal's beside them. */
export const FailureFields = ({ defaults, policy, problems, onChange }: FailureFieldsProps) => {
  const usual = defaultOf(defaults);
  const change = (name: keyof Policy, value: Policy[keyof Policy] | undefined) => {
    const { [name]: _, ...rest } = policy;
    onChange(value === undefined ? rest : { ...rest, [name]: value }, name);
  };
  const isValid = Object.keys(durations).every((name) => {
    const value = policy[name as keyof typeof durations];
    return value === undefined || isDuration(value);
  });
  return (
    <details className="rounded-md border border-line p-3">
      <summary className="cursor-pointer text-sm font-medium">When it fails</summary>
      <div className="mt-3 space-y-4">
        <SelectField
          label="After the last attempt"
          value={policy.onFailure ?? ''}
          onChange={(event) => {
            const value = event.currentTarget.value;
            change('onFailure', value === '' ? undefined : (value as NonNullable<Policy['onFailure']>));
          }}
        >
          <option value="">As the flow says</option>
          <option value="park">Wait for a person, who repairs it</option>
          <option value="fail">The run fails</option>
          <option value="continue">Go on without its output</option>
        </SelectField>
        <TextField
          label="Attempts · maximumAttempts"
          type="number"
          min={1}
          max={100}
          placeholder={String(defaults.retry.maximumAttempts)}
          value={policy.maximumAttempts ?? ''}
          error={problems.get('maximumAttempts')}
          onChange={(event) => {
            const attempts = event.currentTarget.valueAsNumber;
            change('maximumAttempts', Number.isInteger(attempts) ? Math.min(100, Math.max(1, attempts)) : undefined);
          }}
        />
        {Object.entries(durations).map(([name, [title, term]]) => {
          const field = name as keyof typeof durations;
          const value = policy[field];
          const error =
            value !== undefined && !isDuration(value) ? 'A number and a unit: 500ms, 15s, 10m, 2h.' : undefined;
          return (
            <TextField
              key={name}
              label={`${title} · ${term}`}
              placeholder={usual[field]}
              value={value ?? ''}
              error={error ?? problems.get(name)}
              onChange={(event) =>
                change(field, (event.currentTarget.value.trim() || undefined) as Policy[typeof field])
              }
            />
          );
        })}
        {isValid ? <p className="text-xs text-ink-2">{inWords(attemptTimes(defaults, policy))}</p> : null}
      </div>
    </details>
  );
};
