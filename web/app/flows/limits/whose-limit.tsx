import type { FlowLimits } from '@everwave/schema/api';
import type { ReactNode } from 'react';
import type { FormState } from '#app/limits/limit-fields.tsx';
import { inUnit } from '#app/limits/time-units.ts';

interface WhoseLimitProps {
  readonly isOwn: boolean;
  readonly eachFlow: FlowLimits['eachFlow'];
  readonly form: FormState;
  /** The fields of the flow's own limit. */
  readonly children: ReactNode;
}

const inWords = ({ atOnce, rate }: FlowLimits['eachFlow']): string => {
  const time = rate && inUnit(rate.seconds);
  const parts = [
    ...(atOnce === null ? [] : [`${atOnce} at once`]),
    ...(rate && time ? [`${rate.count} within ${time.count} ${time.unit}`] : []),
  ];
  return parts.length === 0 ? 'no limit' : parts.join(', ');
};

/** Whether the flow has a limit of its own. The fields for it hide by CSS alone, so that they do without script, too. */
export const WhoseLimit = ({ isOwn, eachFlow, form, children }: WhoseLimitProps) => {
  const chosen = form.typed?.['whose'] ?? (isOwn ? 'own' : 'eachFlow');
  return (
    <div className="group/whose">
      <fieldset className="mb-4 min-w-0 space-y-1">
        <legend className="sr-only">Whose limit holds</legend>
        {(
          [
            ['eachFlow', `As for each flow of the organisation: ${inWords(eachFlow)}`],
            ['own', 'A limit of its own'],
          ] as const
        ).map(([value, words]) => (
          <label key={value} className="flex min-h-8 items-center gap-2.5">
            <input
              type="radio"
              name="whose"
              value={value}
              defaultChecked={chosen === value}
              className="size-4 shrink-0"
            />
            {words}
          </label>
        ))}
      </fieldset>
      <div className="group-has-[input[value=eachFlow]:checked]/whose:hidden">{children}</div>
    </div>
  );
};
