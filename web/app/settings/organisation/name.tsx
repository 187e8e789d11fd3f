import type { Org } from '@everwave/schema/api';
import { Form, useNavigation } from 'react-router';
import type { PageProblem } from '#app/api/api-error.ts';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { useMay } from '#app/shell/use-me.ts';

interface NameProps {
  readonly org: Org;
  /** What was refused of this form. */
  readonly problem: PageProblem | null;
}

/** Name and slug, for its owners to change and everybody to see. */
export const NameSection = ({ org, problem }: NameProps) => {
  const may = useMay('org:manage');
  const isBusy = useNavigation().state !== 'idle';
  const errorOf = (name: string) => problem?.errors.find(({ path }) => path === name)?.message;
  if (!may) {
    return (
      <Section title="Name">
        <p className="font-medium">{org.name}</p>
        <p className="font-mono text-xs text-ink-2">{org.slug}</p>
      </Section>
    );
  }
  return (
    <Section title="Name">
      <Form
        key={`${org.name} ${org.slug}`}
        method="post"
        action="/settings/organisation"
        className="max-w-md space-y-4"
      >
        <input type="hidden" name="intent" value="rename" />
        <TextField
          label="Name of the organisation"
          name="name"
          defaultValue={org.name}
          required
          maxLength={120}
          error={errorOf('name')}
        />
        <TextField
          label="Slug"
          name="slug"
          defaultValue={org.slug}
          required
          maxLength={63}
          hint="Lower-case letters, digits and dashes. No other organisation here has it."
          error={errorOf('slug')}
        />
        <Button type="submit" disabled={isBusy}>
          Save
        </Button>
      </Form>
    </Section>
  );
};
