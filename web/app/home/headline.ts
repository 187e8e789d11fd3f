import type { RunSummary } from '@everwave/schema/api';
import { formatCount } from '#app/words/numbers.ts';

interface HeadlineParts {
  readonly name: string | null;
  /** Steps that wait for a person. */
  readonly waiting: number;
  readonly lastDay: { readonly runs: readonly Pick<RunSummary, 'status'>[]; readonly isAll: boolean };
}

/** The day in two sentences: what needs somebody, and what went on by itself. */
export const headline = ({
  name,
  waiting,
  lastDay,
}: HeadlineParts): { readonly title: string; readonly lead: string } => {
  const first = name?.trim().split(/\s+/)[0];
  const greeting = first ? `${first}, ` : '';
  const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
  const title =
    waiting === 0
      ? capital(`${greeting}everything is flowing`)
      : capital(`${greeting}${waiting === 1 ? 'one step needs' : `${waiting} steps need`} you`);

  const total = lastDay.runs.length;
  if (total === 0) return { title, lead: 'No run in the last 24 hours.' };
  const count = (status: RunSummary['status']): number => lastDay.runs.filter((run) => run.status === status).length;
  const failed = count('failed');
  const open = count('running') + count('queued') + count('waiting');
  const parts = [
    `${lastDay.isAll ? '' : 'More than '}${formatCount(total, 'run')} in the last 24 hours`,
    `${count('succeeded')} succeeded`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(open > 0 ? [`${open} in progress`] : []),
  ];
  return { title, lead: `${parts[0]}: ${parts.slice(1).join(', ')}.` };
};
