import type { AlertChannel } from '@everwave/schema/api';
import { BellOff, CircleAlert } from 'lucide-react';
import { Form, useNavigation } from 'react-router';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { channelKinds } from './channel-kinds.ts';
import { quietWords } from './quiet-times.ts';

const Standing = ({ channel }: { readonly channel: AlertChannel }) => {
  if (channel.pending > 0) return <p className="text-xs text-ink-2">{channel.pending} on the way</p>;
  if (channel.lastError) {
    return (
      <p className="flex gap-1.5 text-xs text-bad [overflow-wrap:anywhere]">
        <CircleAlert size={14} aria-hidden className="mt-0.5 shrink-0" />
        {channel.lastError}
      </p>
    );
  }
  return (
    <p className="text-xs text-ink-2">
      {channel.lastDeliveredAt ? (
        <>
          Last told <TimeAgo at={channel.lastDeliveredAt} />
        </>
      ) : (
        'Nothing was sent yet'
      )}
    </p>
  );
};

/** One place that is told, how it stands, and what can be done with it. */
export const ChannelRow = ({ channel }: { readonly channel: AlertChannel }) => {
  const isBusy = useNavigation().state !== 'idle';
  const { title, icon: Icon } = channelKinds[channel.kind];
  const { to, host } = channel.settings;
  return (
    <li className="px-5 py-4">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <Icon size={18} aria-hidden className="mt-0.5 shrink-0 text-ink-2" />
        <div className="min-w-0 flex-1 basis-56 space-y-1">
          <p className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
            {channel.name}
            {channel.isOn ? null : (
              <Pill tone="quiet" icon={<BellOff size={12} aria-hidden />}>
                Muted
              </Pill>
            )}
          </p>
          <p className="text-xs text-ink-2 [overflow-wrap:anywhere]">
            {title} · {to?.join(', ') ?? host} · quiet for {quietWords(channel.quietSeconds)}
          </p>
          <Standing channel={channel} />
        </div>
        <Form method="post" action="/settings/alerts" className="flex flex-wrap gap-2">
          <input type="hidden" name="channelId" value={channel.id} />
          <Button
            type="submit"
            size="sm"
            name="intent"
            value="test"
            aria-disabled={isBusy}
            aria-label={`Send a test to ${channel.name}`}
          >
            Send a test
          </Button>
          <Button
            type="submit"
            size="sm"
            name="intent"
            value={channel.isOn ? 'mute' : 'unmute'}
            aria-disabled={isBusy}
            aria-label={channel.isOn ? `Mute ${channel.name}` : `Unmute ${channel.name}`}
          >
            {channel.isOn ? 'Mute' : 'Unmute'}
          </Button>
          <ButtonLink size="sm" to={`/settings/alerts?edit=${channel.id}`} aria-label={`Edit ${channel.name}`}>
            Edit
          </ButtonLink>
        </Form>
      </div>
      <details className="mt-2 sm:pl-8">
        <summary className="w-fit cursor-pointer rounded-md px-1 text-xs text-ink-2 hover:text-ink">
          Delete<span className="sr-only"> {channel.name}</span>
        </summary>
        <Form method="post" action="/settings/alerts" className="mt-2 flex flex-wrap items-center gap-3">
          <input type="hidden" name="channelId" value={channel.id} />
          <p className="text-xs text-ink-2">
            {channel.pending > 0 ? `${channel.pending} messages on the way are not sent. ` : ''}This cannot be undone.
          </p>
          <Button type="submit" size="sm" variant="danger" name="intent" value="delete" aria-disabled={isBusy}>
            Delete the channel
          </Button>
        </Form>
      </details>
    </li>
  );
};
