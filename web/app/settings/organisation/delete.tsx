import type { OrgDeletionPreview } from '@everwave/schema/api';
import { Trash2 } from 'lucide-react';
import { Form, useNavigation } from 'react-router';
import type { PageProblem } from '#app/api/api-error.ts';
import { Section } from '#app/components/data/section.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';

const page = '/settings/organisation';

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

interface FormProps {
  readonly preview: OrgDeletionPreview;
  readonly problem: PageProblem | null;
}

const DeleteForm = ({ preview, problem }: FormProps) => {
  const isBusy = useNavigation().state !== 'idle';
  const errorOf = (name: string) => problem?.errors.find(({ path }) => path === name)?.message;
  const { name, people, flows, runs, openRuns, connections, apiKeys } = preview;
  return (
    <Form method="post" action={`${page}?delete`} className="space-y-4">
      <input type="hidden" name="intent" value="delete" />
      <div>
        <p className="font-medium">This goes, and nobody can bring it back:</p>
        <ul className="mt-1.5 list-disc space-y-0.5 pl-5">
          <li>{counted(flows, 'flow')} with all versions and webhooks</li>
          <li>{counted(runs, 'run')} with everything they were given and gave</li>
          <li>
            {counted(connections, 'connection')}, {counted(apiKeys, 'API key')}, variables, files, teams, roles and
            alerts
          </li>
        </ul>
        <p className="mt-3">
          {counted(people, 'person', 'people')} {people === 1 ? 'loses' : 'lose'} access and{' '}
          {people === 1 ? 'keeps the account' : 'keep their accounts'}. The audit log stays with the installation. What
          Temporal still holds of the runs can no longer be read.
        </p>
      </div>
      {openRuns > 0 ? (
        <label className="flex items-start gap-2">
          <input type="checkbox" name="cancelRuns" className="mt-1 accent-coral" />
          <span>
            Switch all flows off and cancel {counted(openRuns, 'run that is open', 'runs that are open')}. Without this
            they have to end first.
          </span>
        </label>
      ) : null}
      <TextField
        label={`Type ${name} to confirm`}
        className="max-w-md"
        name="confirmed"
        autoComplete="off"
        required
        maxLength={200}
        error={errorOf('name')}
      />
      <TextField
        label="Your password, once more"
        className="max-w-md"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        error={errorOf('password')}
      />
      <div className="flex flex-wrap gap-2">
        <ButtonLink to={page}>Keep it</ButtonLink>
        <Button type="submit" variant="danger" disabled={isBusy}>
          Delete {name}
        </Button>
      </div>
    </Form>
  );
};

interface DeleteProps {
  /** Null until it is asked for. */
  readonly preview: OrgDeletionPreview | null;
  readonly problem: PageProblem | null;
}

/** The end of the organisation, for its owners: what goes with it is said before. */
export const DeleteSection = ({ preview, problem }: DeleteProps) => {
  if (preview?.isLast) {
    return (
      <Section title="Delete">
        <p className="text-ink-2">This is the only organisation of the installation, which needs one.</p>
      </Section>
    );
  }
  return (
    <Section title="Delete" className={preview ? 'border-bad/40' : ''}>
      {preview ? (
        <DeleteForm preview={preview} problem={problem} />
      ) : (
        <>
          <p className="mb-3 text-ink-2">
            Everything in it goes. What that is, and how many, stands on the next page; nothing is deleted yet.
          </p>
          <ButtonLink to={`${page}?delete`} variant="danger" icon={<Trash2 size={15} aria-hidden />}>
            Delete the organisation
          </ButtonLink>
        </>
      )}
    </Section>
  );
};
