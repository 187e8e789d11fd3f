import type { MigrationList } from '@everwave/schema/api';
import { TimeAgo } from '#app/time/time-ago.tsx';

interface VersionChoiceProps {
  readonly versions: MigrationList['items'];
  readonly chosen: number | null;
  readonly onChoose: (version: number) => void;
}

/** Each version with the run's verdict; one that does not fit says why, and cannot be chosen. */
export const VersionChoice = ({ versions, chosen, onChoose }: VersionChoiceProps) => {
  if (versions.length === 0) return <p className="text-sm text-ink-2">The flow has no other version.</p>;
  return (
    <fieldset className="space-y-2">
      <legend className="mb-1.5 text-sm font-medium">Version</legend>
      {versions.map(({ flowVersion, live, fits, problems, note, publishedAt }) => (
        <div key={flowVersion}>
          <label className="flex min-h-8 items-center gap-2.5 text-sm">
            <input
              type="radio"
              name="version"
              className="size-4 shrink-0"
              disabled={!fits}
              checked={chosen === flowVersion}
              onChange={() => onChoose(flowVersion)}
            />
            <span className="min-w-0">
              Version {flowVersion}
              {live ? ', live' : ''}{' '}
              <span className="text-ink-2">
                ({fits ? 'fits' : 'does not fit'}; published <TimeAgo at={publishedAt} />
                {note ? `: ${note}` : ''})
              </span>
            </span>
          </label>
          {problems.length > 0 ? (
            <ul className="ml-7 list-disc space-y-1 pl-4 text-sm text-ink-2">
              {problems.map(({ code, stepId, message }) => (
                <li key={`${code}${stepId ?? ''}`}>{message}</li>
              ))}
            </ul>
          ) : null}
        </div>
      ))}
    </fieldset>
  );
};
