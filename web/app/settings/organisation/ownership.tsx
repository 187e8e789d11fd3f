import type { Member, OwnershipOffer } from '@everwave/schema/api';
import { Form, useNavigation } from 'react-router';
import type { PageProblem } from '#app/api/api-error.ts';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { SelectField, TextField } from '#app/components/ui/field.tsx';
import { useMe } from '#app/shell/use-me.ts';
import { TimeAgo } from '#app/time/time-ago.tsx';

const PasswordField = ({ problem }: { readonly problem: PageProblem | null }) => (
  <TextField
    label="Your password"
    name="password"
    type="password"
    autoComplete="current-password"
    required
    hint="Asked once more, since this cannot be taken back by you alone."
    error={problem?.errors.find(({ path }) => path === 'password')?.message}
  />
);

interface OwnershipProps {
  readonly offer: OwnershipOffer | null;
  readonly members: readonly Member[];
  readonly problem: PageProblem | null;
}

/** Handing the organisation over takes both: one offers, the other accepts. */
export const OwnershipSection = ({ offer, members, problem }: OwnershipProps) => {
  const me = useMe();
  const isBusy = useNavigation().state !== 'idle';
  if (!offer && me.role !== 'owner') return null;
  const own = members.find(({ userId }) => userId === me.user?.id);
  if (!offer) {
    const others = members.filter(({ role }) => role !== 'owner');
    return (
      <Section title="Ownership">
        {others.length === 0 ? (
          <p className="text-ink-2">There is nobody else yet to whom you could hand it over.</p>
        ) : (
          <Form method="post" className="max-w-md space-y-4">
            <input type="hidden" name="intent" value="offer" />
            <SelectField label="Offer the organisation to" name="memberId">
              {others.map(({ id, name, email }) => (
                <option key={id} value={id}>
                  {name}, {email}
                </option>
              ))}
            </SelectField>
            <label className="flex items-start gap-2">
              <input type="checkbox" name="isShared" className="mt-1 accent-coral" />
              <span>Stay an owner as well. Otherwise you become an admin when the offer is accepted.</span>
            </label>
            <PasswordField problem={problem} />
            <Button type="submit" disabled={isBusy}>
              Offer the ownership
            </Button>
          </Form>
        )}
      </Section>
    );
  }
  const isForYou = offer.to.memberId === own?.id;
  const isYours = offer.from.memberId === own?.id;
  const who = isYours ? 'You' : offer.from.name;
  return (
    <Section title="Ownership">
      <p>
        {who} offered the organisation to {isForYou ? 'you' : offer.to.name}
        {offer.isShared ? ', to own it together' : ''} <TimeAgo at={offer.createdAt} />. Nothing has changed yet.
      </p>
      {isForYou ? (
        <Form method="post" className="mt-4 max-w-md space-y-4">
          <input type="hidden" name="intent" value="accept" />
          <PasswordField problem={problem} />
          <Button type="submit" variant="primary" disabled={isBusy}>
            Accept the ownership
          </Button>
        </Form>
      ) : null}
      {isForYou || isYours ? (
        <Form method="post" className="mt-3">
          <input type="hidden" name="intent" value="endOffer" />
          <Button type="submit" disabled={isBusy}>
            {isYours ? 'Withdraw the offer' : 'Decline'}
          </Button>
        </Form>
      ) : null}
    </Section>
  );
};
