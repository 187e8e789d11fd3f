import { LogOut } from 'lucide-react';
import { Form } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { useMe } from '#app/shell/use-me.ts';

/** The way out for a member. That the last owner stays, the api says. */
export const LeaveSection = ({ asked }: { readonly asked: boolean }) => {
  const { org } = useMe();
  return (
    <Section title="Leave">
      <p className="mb-3 text-ink-2">
        You lose access to {org.name} at once. What you made stays. Somebody has to invite you to come back.
      </p>
      {asked ? (
        <Form method="post" className="flex flex-wrap gap-2">
          <input type="hidden" name="intent" value="leave" />
          <input type="hidden" name="orgId" value={org.id} />
          <ButtonLink to="/settings/organisation">Stay</ButtonLink>
          <Button type="submit" variant="danger">
            Leave {org.name}
          </Button>
        </Form>
      ) : (
        <ButtonLink to="/settings/organisation?leave" icon={<LogOut size={15} aria-hidden />}>
          Leave the organisation
        </ButtonLink>
      )}
    </Section>
  );
};
