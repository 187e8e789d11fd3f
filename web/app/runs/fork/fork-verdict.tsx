import type { ForkPreview } from '@everwave/schema/api';
import { Notice } from '#app/components/ui/notice.tsx';
import { describeGroup, groupEffects } from './group-effects.ts';

interface ForkVerdictProps {
  readonly preview: ForkPreview;
  /** Unset while another verdict is on its way. */
  readonly isCurrent: boolean;
  readonly ticked: ReadonlySet<string>;
  readonly onTick: (ticked: ReadonlySet<string>) => void;
}

const shown = 12;

const numberOf = (count: number): string => count.toLocaleString('en');
const stepsOf = (count: number): string => (count === 1 ? '1 step is' : `${numberOf(count)} steps are`);

/** What starting again would do: whether it can be, what runs again, and what would happen outside once more. */
export const ForkVerdict = ({ preview, isCurrent, ticked, onTick }: ForkVerdictProps) => {
  const { fits, problems, differences, again, counts, effects, supersedes, flowVersion } = preview;
  const toggle = (stepId: string): void => {
    const next = new Set(ticked);
    if (!next.delete(stepId)) next.add(stepId);
    onTick(next);
  };
  return (
    <div className="space-y-4 aria-busy:opacity-60" role="status" aria-busy={!isCurrent}>
      {fits ? null : (
        <Notice tone="bad" title="Not possible like this">
          <ul className="list-disc space-y-1 pl-4">
            {problems.map(({ path, code, message }) => (
              <li key={`${path}${code}`}>{message}</li>
            ))}
          </ul>
        </Notice>
      )}
      {fits && differences.length > 0 ? (
        <Notice tone="warn" title={`Version ${flowVersion} differs in what is kept`}>
          <ul className="list-disc space-y-1 pl-4">
            {differences.map(({ stepId, message }) => (
              <li key={stepId}>{message}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
      {fits ? (
        <p className="text-sm text-ink-2">
          {again.length === 0
            ? 'Nothing that has run runs again.'
            : `Runs again: ${again
                .slice(0, shown)
                .map(({ title }) => title)
                .join(', ')}${counts.again > shown ? ` and ${numberOf(counts.again - shown)} more` : ''}.`}
          {counts.stands > 0 ? ` ${stepsOf(counts.stands)} taken over.` : ''}
          {counts.loops.map(({ path, title, items, again: some }) => (
            <span key={path}>{` In “${title}”, ${numberOf(some)} of ${numberOf(items)} items.`}</span>
          ))}
          {supersedes ? ' This run is still open: it ends, and the new one goes on in its place.' : ''}
        </p>
      ) : null}
      {fits && effects.length > 0 ? (
        <fieldset className="space-y-2" disabled={!isCurrent}>
          <legend className="mb-1.5 text-sm font-medium">
            Tick what you accept to happen outside once more, or to stay undone
          </legend>
          {groupEffects(preview).map((group) => (
            <label key={group.stepId} className="flex min-h-8 items-center gap-2.5 text-sm">
              <input
                type="checkbox"
                className="size-4 shrink-0"
                checked={ticked.has(group.stepId)}
                onChange={() => toggle(group.stepId)}
              />
              <span className="min-w-0">
                {group.title} <span className="text-ink-2">({describeGroup(group)})</span>
              </span>
            </label>
          ))}
        </fieldset>
      ) : null}
    </div>
  );
};
