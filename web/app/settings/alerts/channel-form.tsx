import type { AlertChannel } from '@everwave/schema/api';
import { Form, Link, useNavigation } from 'react-router';
import type { PageProblem } from '#app/api/api-error.ts';
import { Section } from '#app/components/data/section.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { SelectField, TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { type ChannelKind, channelKinds } from './channel-kinds.ts';
import { quietTimes } from './quiet-times.ts';
import type { TypedChannel } from './write-channel.server.ts';

interface ChannelFormProps {
  readonly kind: ChannelKind;
  /** Null for a new one. */
  readonly channel: AlertChannel | null;
  readonly mailServers: readonly { readonly id: string; readonly name: string }[];
  readonly problem: PageProblem | null;
  /** What was entered before it was refused. */
  readonly typed: TypedChannel | null;
}

const MailFields = ({ channel, mailServers, typed }: Omit<ChannelFormProps, 'kind' | 'problem'>) => (
  <>
    <TextField
      label="To"
      name="to"
      required
      defaultValue={typed?.to ?? channel?.settings.to?.join(', ') ?? ''}
      placeholder="operators@example.com"
      hint="Several addresses with commas between them."
    />
    <SelectField
      label="Mail server"
      name="connectionId"
      required
      defaultValue={typed?.connectionId ?? channel?.settings.connectionId}
    >
      {mailServers.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  </>
);

const AddressFields = ({ kind, channel }: Pick<ChannelFormProps, 'kind' | 'channel'>) => (
  <>
    <TextField
      label="Address"
      name="url"
      type="url"
      required={channel === null}
      optional={channel !== null}
      autoComplete="off"
      placeholder={kind === 'slack' ? 'https://hooks.slack.com/services/…' : 'https://hooks.example.com/alerts'}
      hint={
        channel
          ? `At ${channel.settings.host ?? 'its host'}. Stays as it is when left empty.`
          : kind === 'slack'
            ? 'The address of an incoming webhook. It is a secret: it is stored encrypted and never shown again.'
            : 'Gets a POST for each message. It is stored encrypted and never shown again.'
      }
    />
    {kind === 'webhook' ? (
      <TextField
        label="Signing secret"
        name="secret"
        type="password"
        optional
        autoComplete="off"
        placeholder="whsec_…"
        hint={
          channel
            ? 'Stays as it is when left empty. With another address it is needed again.'
            : 'One is made when left empty, and shown once.'
        }
      />
    ) : null}
  </>
);

/** A place to be told, new or changed. */
export const ChannelForm = ({ kind, channel, mailServers, problem, typed }: ChannelFormProps) => {
  const isBusy = useNavigation().state !== 'idle';
  const { title } = channelKinds[kind];
  const quietSeconds = Number(typed?.quietSeconds ?? channel?.quietSeconds ?? 3_600);
  const heading = channel ? `Edit ${channel.name}` : `New channel: ${title}`;
  if (kind === 'email' && mailServers.length === 0) {
    return (
      <Notice tone="info" title="A mail server comes first">
        E-mail goes out over a connection of the kind “SMTP server”.{' '}
        <Link to="/connections" className="prose-link">
          Make one
        </Link>
        , then come back.
      </Notice>
    );
  }
  return (
    <Section title={heading}>
      <Form method="post" action="/settings/alerts" className="max-w-[560px] space-y-5">
        <input type="hidden" name="intent" value={channel ? 'change' : 'create'} />
        <input type="hidden" name="kind" value={kind} />
        {channel ? <input type="hidden" name="channelId" value={channel.id} /> : null}
        {problem ? <ProblemNotice problem={problem} /> : null}
        <TextField
          label="Name"
          name="name"
          required
          maxLength={120}
          defaultValue={typed?.name ?? channel?.name ?? ''}
          placeholder="Operators"
        />
        {kind === 'email' ? (
          <MailFields channel={channel} mailServers={mailServers} typed={typed} />
        ) : (
          <AddressFields kind={kind} channel={channel} />
        )}
        <SelectField
          label="Quiet time"
          name="quietSeconds"
          defaultValue={quietSeconds}
          hint="A group that grows is spoken of again when it is over."
        >
          {quietTimes(quietSeconds).map(([seconds, words]) => (
            <option key={seconds} value={seconds}>
              {words}
            </option>
          ))}
        </SelectField>
        <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <ButtonLink to="/settings/alerts">Cancel</ButtonLink>
          <Button type="submit" variant="primary" aria-disabled={isBusy}>
            {channel ? 'Save changes' : 'Add the channel'}
          </Button>
        </div>
      </Form>
    </Section>
  );
};
