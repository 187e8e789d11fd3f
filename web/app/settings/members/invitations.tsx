import type { Invitation, OrgRole } from '@everwave/schema/api';
import { MailPlus } from 'lucide-react';
import { Form, useNavigation } from 'react-router';
import type { PageProblem } from '#app/api/api-error.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { RoleField } from '#app/people/role-field.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';

const Deed = ({ id, intent, label, name }: Record<'id' | 'intent' | 'label' | 'name', string>) => (
  <Form method="post" action="/settings/members">
    <input type="hidden" name="intent" value={intent} />
    <input type="hidden" name="invitationId" value={id} />
    <Button
      type="submit"
      size="sm"
      variant={intent === 'revoke' ? 'danger' : 'secondary'}
      aria-label={`${label} ${name}`}
    >
      {label}
    </Button>
  </Form>
);

const Row = ({ invitation }: { readonly invitation: Invitation }) => {
  const { id, email, roleName, invitedBy, sentAt, expiresAt, isExpired } = invitation;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
      <div className="min-w-0 flex-1 basis-44">
        <p className="truncate font-medium">{email}</p>
        <p className="text-xs text-ink-2">
          {invitedBy}
          {sentAt ? (
            <>
              , sent <TimeAgo at={sentAt} />
            </>
          ) : null}
        </p>
      </div>
      <p className="w-24">
        <Pill tone="quiet">{roleName}</Pill>
      </p>
      <p className="w-44 text-xs text-ink-2">
        {isExpired ? 'Too old' : 'Works until'} <TimeAgo at={expiresAt} />
      </p>
      <div className="flex gap-2">
        <Deed id={id} intent="resend" label="Send again" name={`to ${email}`} />
        <Deed id={id} intent="revoke" label="Revoke" name={`the invitation of ${email}`} />
      </div>
    </li>
  );
};

interface InvitationsProps {
  readonly invitations: readonly Invitation[];
  /** The roles that the organisation made for itself. */
  readonly own: readonly OrgRole[];
  readonly problem: PageProblem | null;
  /** Changes when an invitation was sent, so that the form is empty again. */
  readonly sent: string;
}

/** Asking people in, and those who have not answered yet. */
export const Invitations = ({ invitations, own, problem, sent }: InvitationsProps) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <>
      <Section title="Invite somebody">
        <Form
          key={sent}
          method="post"
          action="/settings/members"
          className="grid items-start gap-4 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]"
        >
          <input type="hidden" name="intent" value="invite" />
          <TextField
            label="E-mail"
            name="email"
            type="email"
            required
            maxLength={254}
            error={problem?.errors.find(({ path }) => path === 'email')?.message}
          />
          <RoleField defaultValue="developer" own={own} />
          <Button type="submit" variant="primary" disabled={isBusy} className="sm:mt-6.5">
            Invite
          </Button>
        </Form>
      </Section>
      <Section title="Invitations" flush>
        {invitations.length === 0 ? (
          <EmptyState icon={<MailPlus />} title="Nobody is invited">
            Whoever you invite gets a mail with a link that works for seven days.
          </EmptyState>
        ) : (
          <ul className="divide-y divide-line">
            {invitations.map((invitation) => (
              <Row key={invitation.id} invitation={invitation} />
            ))}
          </ul>
        )}
      </Section>
    </>
  );
};
