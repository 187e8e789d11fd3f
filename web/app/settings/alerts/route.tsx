import { alertChannelListSchema, connectionListSchema } from '@everwave/schema/api';
import { BellRing } from 'lucide-react';
import { useEffect } from 'react';
import { data, useRevalidator } from 'react-router';
import * as z from 'zod';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import type { Route } from './+types/route.ts';
import { ChannelForm } from './channel-form.tsx';
import { type ChannelKind, channelKinds } from './channel-kinds.ts';
import { ChannelRow } from './channel-row.tsx';
import { DeedNotice } from './deed-notice.tsx';
import { writeChannel } from './write-channel.server.ts';

export const meta: Route.MetaFunction = () => [{ title: 'Alerts · Everwave' }];

export const handle: PageHandle = { crumbs: () => [{ label: 'Settings', to: '/settings' }, { label: 'Alerts' }] };

const kindSchema = z.enum(Object.keys(channelKinds) as [ChannelKind, ...ChannelKind[]]).nullable();

export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const cursor = search.get('cursor') ?? undefined;
    const [channels, connections] = await Promise.all([
      callApi(request, '/v1/alert-channels', alertChannelListSchema, { query: { cursor, limit: 50 } }),
      callApi(request, '/v1/connections', connectionListSchema, { query: { limit: 100 } }),
    ]);
    return {
      channels,
      mailServers: connections.items.filter(({ kind }) => kind === 'email.smtp').map(({ id, name }) => ({ id, name })),
      asked: kindSchema.catch(null).parse(search.get('new')),
      edited: search.get('edit'),
    };
  });

export const action = async ({ request }: Route.ActionArgs) => {
  const result = await writeChannel(request, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

/** While a message is on its way, the page looks again what came of it. */
const useNewsWhile = (isPending: boolean): void => {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    if (!isPending) return;
    const timer = setInterval(() => void revalidate(), 2_000);
    return () => clearInterval(timer);
  }, [isPending, revalidate]);
};

/** Works without script: every deed is a form, every state an address. */
export default function Alerts({ loaderData, actionData }: Route.ComponentProps) {
  const { channels, mailServers, asked, edited } = loaderData;
  const refused = actionData && !actionData.ok ? actionData : null;
  const deed = actionData?.ok ? actionData.value : null;
  useNewsWhile(channels.items.some(({ pending }) => pending > 0));
  const isMade = deed?.did === 'created' || deed?.did === 'changed';
  const editing = channels.items.find(({ id }) => id === (refused?.typed?.channelId ?? edited));
  const kind = editing?.kind ?? refused?.typed?.kind ?? asked;
  return (
    <>
      <PageHeader
        title="Alerts"
        actions={Object.entries(channelKinds).map(([each, { title, icon: Icon }]) => (
          <ButtonLink key={each} to={`/settings/alerts?new=${each}`} icon={<Icon size={15} aria-hidden />}>
            Add {title}
          </ButtonLink>
        ))}
      >
        Where your organisation hears that runs wait for a person: one message for each group that wants the same
        repair, not one for each run.
      </PageHeader>
      <div className="max-w-[920px] space-y-5">
        {deed ? <DeedNotice deed={deed} /> : null}
        {refused && !refused.typed ? <ProblemNotice problem={refused.problem} /> : null}
        {kind && !isMade ? (
          <ChannelForm
            key={editing?.id ?? kind}
            kind={kind}
            channel={editing ?? null}
            mailServers={mailServers}
            problem={refused?.typed ? refused.problem : null}
            typed={refused?.typed ?? null}
          />
        ) : null}
        <Section title="Channels" flush>
          {channels.items.length === 0 ? (
            <EmptyState icon={<BellRing />} title="Nobody is told yet">
              What waits stands under Attention all the same. Add an e-mail address, a Slack channel or a webhook above.
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {channels.items.map((channel) => (
                <ChannelRow key={channel.id} channel={channel} />
              ))}
            </ul>
          )}
        </Section>
        <OlderNewer nextCursor={channels.nextCursor} what="channels" />
      </div>
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
