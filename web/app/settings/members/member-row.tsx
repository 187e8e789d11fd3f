import type { Member, OrgRole } from '@everwave/schema/api';
import { Form, useNavigation } from 'react-router';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { covers } from '#app/people/covers.ts';
import { Initial } from '#app/people/initial.tsx';
import { RoleField } from '#app/people/role-field.tsx';
import { useMay, useMe } from '#app/shell/use-me.ts';
import { TimeAgo } from '#app/time/time-ago.tsx';

const page = '/settings/members';

const ChangeRole = ({ member, own }: { readonly member: Member; readonly own: readonly OrgRole[] }) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Form method="post" action={page} className="mt-3 space-y-4 rounded-md border border-line bg-sunken p-4">
      <input type="hidden" name="intent" value="change" />
      <input type="hidden" name="memberId" value={member.id} />
      <RoleField
        defaultValue={member.role}
        own={own}
        hint={`Holds from the next thing that ${member.name} does, without signing in again.`}
      />
      <div className="flex justify-end gap-2">
        <ButtonLink to={page}>Cancel</ButtonLink>
        <Button type="submit" variant="primary" disabled={isBusy}>
          Change the role
        </Button>
      </div>
    </Form>
  );
};

const Remove = ({ member }: { readonly member: Member }) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Form method="post" action={page} className="mt-3 space-y-4 rounded-md border border-bad/30 bg-bad/8 p-4">
      <input type="hidden" name="intent" value="remove" />
      <input type="hidden" name="memberId" value={member.id} />
      <input type="hidden" name="name" value={member.name} />
      <p>
        {member.name} has no access any more as soon as you confirm. Flows and connections they made stay. API keys
        belong to the organisation: revoke those they know.
      </p>
      <div className="flex justify-end gap-2">
        <ButtonLink to={page}>Keep {member.name}</ButtonLink>
        <Button type="submit" variant="danger" disabled={isBusy}>
          Remove {member.name}
        </Button>
      </div>
    </Form>
  );
};

export type MemberDialog = 'role' | 'remove' | null;

interface MemberRowProps {
  readonly member: Member;
  /** The roles that the organisation made for itself. */
  readonly own: readonly OrgRole[];
  readonly asked: MemberDialog;
}

/** Works without script: what is asked stands in the address. */
export const MemberRow = ({ member, own, asked }: MemberRowProps) => {
  const me = useMe();
  const isYou = me.user?.id === member.userId;
  const may = useMay('members:manage') && covers(me, member.role, own) && !isYou;
  return (
    <li className="px-5 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Initial name={member.name} />
        <div className="min-w-0 flex-1 basis-44">
          <p className="truncate font-medium">
            {member.name} {isYou ? <span className="font-normal text-ink-2">(you)</span> : null}
          </p>
          <p className="truncate text-xs text-ink-2">{member.email}</p>
        </div>
        <p className="w-24">
          <Pill tone={member.role === 'owner' ? 'live' : 'quiet'}>{member.roleName}</Pill>
        </p>
        <p className="w-44 text-xs text-ink-2">
          {member.lastSignInAt ? (
            <>
              Signed in <TimeAgo at={member.lastSignInAt} />
            </>
          ) : (
            'Never signed in'
          )}
        </p>
        <div className="flex gap-2 sm:w-34 sm:justify-end">
          {may ? (
            <>
              <ButtonLink size="sm" to={`${page}?role=${member.id}`} aria-label={`Change the role of ${member.name}`}>
                Role
              </ButtonLink>
              <ButtonLink
                size="sm"
                variant="danger"
                to={`${page}?remove=${member.id}`}
                aria-label={`Remove ${member.name}`}
              >
                Remove
              </ButtonLink>
            </>
          ) : null}
        </div>
      </div>
      {may && asked === 'role' ? <ChangeRole member={member} own={own} /> : null}
      {may && asked === 'remove' ? <Remove member={member} /> : null}
    </li>
  );
};
