import { Form, useNavigation } from 'react-router';
import type { PageProblem } from '#app/api/api-error.ts';
import { Button } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';

interface NewOrganisationProps {
  /** The page that takes the form. */
  readonly action: string;
  readonly problem: PageProblem | null;
}

/** Makes another organisation, which whoever makes it owns and works in from then on. */
export const NewOrganisation = ({ action, problem }: NewOrganisationProps) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Form method="post" action={action} className="max-w-md space-y-4">
      <input type="hidden" name="intent" value="create" />
      <TextField
        label="Name of the new organisation"
        name="newName"
        required
        maxLength={120}
        hint="You own it, and work in it from then on. The others stay as they are."
        error={problem?.errors.find(({ path }) => path === 'newName')?.message}
      />
      <Button type="submit" disabled={isBusy}>
        Create the organisation
      </Button>
    </Form>
  );
};
