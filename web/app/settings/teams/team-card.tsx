import type { Member, Team, TeamMember } from '@everwave/schema/api';
import { Form, useNavigation } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { SelectField, TextField } from '#app/components/ui/field.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { Initial } from '#app/people/initial.tsx';

const page = '/settings/teams';
const addressOf = (team: Team): string => `${page}?team=${team.id}`;

const Hidden = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />);

interface MemberRowProps {
  readonly team: Team;
  readonly member: TeamMember;
  readonly isManaging: boolean;
}

const MemberRow = ({ team, member, isManaging }: MemberRowProps) => (
  <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
    <Initial name={member.name} />
    <div className="min-w-0 flex-1 basis-44">
      <p className="truncate font-medium">{member.name}</p>
      <p className="truncate text-xs text-ink-2">{member.email}</p>
    </div>
    <p className="w-24">
      <Pill tone={member.role === 'owner' ? 'live' : 'quiet'}>{member.roleName}</Pill>
    </p>
    {isManaging ? (
      <Form method="post" action={addressOf(team)}>
        <Hidden intent="remove" teamId={team.id} memberId={member.id} person={member.name} />
        <Button type="submit" size="sm" variant="danger" aria-label={`Remove ${member.name} from ${team.name}`}>
          Remove
        </Button>
      </Form>
    ) : null}
  </li>
);

interface ManageProps {
  readonly team: Team;
  /** Members of the organisation who are not in it. */
  readonly others: readonly Member[];
  readonly isDeleting: boolean;
}

const Manage = ({ team, others, isDeleting }: ManageProps) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <div className="space-y-5 border-t border-line p-5">
      {others.length > 0 ? (
        <Form method="post" action={addressOf(team)} className="flex flex-wrap items-end gap-3">
          <Hidden intent="add" teamId={team.id} />
          <div className="min-w-0 flex-1 basis-56">
            <SelectField label="Take into the team" name="memberId">
              {others.map(({ id, name, email }) => (
                <option key={id} value={id}>
                  {name}, {email}
                </option>
              ))}
            </SelectField>
          </div>
          <Button type="submit" disabled={isBusy}>
            Add
          </Button>
        </Form>
      ) : (
        <p className="text-ink-2">Everybody in the organisation is in this team.</p>
      )}
      <Form method="post" action={addressOf(team)} className="flex flex-wrap items-end gap-3">
        <Hidden intent="rename" teamId={team.id} />
        <div className="min-w-0 flex-1 basis-56">
          <TextField label="Name of the team" name="name" defaultValue={team.name} required maxLength={80} />
        </div>
        <Button type="submit" disabled={isBusy}>
          Rename
        </Button>
      </Form>
      {isDeleting ? (
        <Form method="post" action={page} className="space-y-4 rounded-md border border-bad/30 bg-bad/8 p-4">
          <Hidden intent="delete" teamId={team.id} />
          <p>The team {team.name} is gone as soon as you confirm. Its members stay in the organisation.</p>
          <div className="flex flex-wrap justify-end gap-2">
            <ButtonLink to={addressOf(team)}>Keep it</ButtonLink>
            <Button type="submit" variant="danger" disabled={isBusy}>
              Delete {team.name}
            </Button>
          </div>
        </Form>
      ) : (
        <ButtonLink to={`${addressOf(team)}&delete`} variant="danger" size="sm">
          Delete the team
        </ButtonLink>
      )}
    </div>
  );
};

interface TeamCardProps {
  readonly team: Team;
  readonly members: readonly Member[];
  readonly mayManage: boolean;
  readonly isManaging: boolean;
  readonly isDeleting: boolean;
}

/** Works without script: what is open stands in the address. */
export const TeamCard = ({ team, members, mayManage, isManaging, isDeleting }: TeamCardProps) => {
  const others = members.filter(({ id }) => !team.members.some((member) => member.id === id));
  const isOpen = mayManage && isManaging;
  const manage = (
    <ButtonLink
      size="sm"
      to={isOpen ? page : addressOf(team)}
      aria-label={`${isOpen ? 'Close' : 'Manage'} ${team.name}`}
    >
      {isOpen ? 'Close' : 'Manage'}
    </ButtonLink>
  );
  return (
    <Section title={team.name} flush actions={mayManage ? manage : null}>
      {team.members.length === 0 ? (
        <p className="px-5 py-3 text-ink-2">Nobody is in it yet.</p>
      ) : (
        <ul className="divide-y divide-line">
          {team.members.map((member) => (
            <MemberRow key={member.id} team={team} member={member} isManaging={isOpen} />
          ))}
        </ul>
      )}
      {isOpen ? <Manage team={team} others={others} isDeleting={isDeleting} /> : null}
    </Section>
  );
};
