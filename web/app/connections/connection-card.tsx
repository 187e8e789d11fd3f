import type { Connection } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import type { CredentialManifest } from '@everwave/schema/node';
import { CircleCheck, CircleDashed, CircleX, Gauge, Pencil, PlugZap, Users } from 'lucide-react';
import { useEffect } from 'react';
import { Link, useFetcher } from 'react-router';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { useToast } from '#app/components/ui/toaster.tsx';
import { NodeIcon } from '#app/flows/canvas/node-icon.tsx';
import { toFormFields } from '#app/schema-form/form-fields.ts';
import type { action } from './route.tsx';

interface ConnectionCardProps {
  readonly connection: Connection;
  readonly kind: CredentialManifest | undefined;
  /** Null for those who may only look. */
  readonly onEdit: (() => void) | null;
}

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

const LastTest = ({ test }: { readonly test: Connection['lastTest'] }) => {
  if (!test) {
    return (
      <p className="flex gap-2 text-xs text-ink-2">
        <CircleDashed size={15} className="mt-px shrink-0" aria-hidden /> Not tested yet
      </p>
    );
  }
  const isOk = test.status === 'ok';
  const Icon = isOk ? CircleCheck : CircleX;
  return (
    <p className="flex gap-2 text-xs">
      <Icon size={15} className={`mt-px shrink-0 ${isOk ? 'text-ok' : 'text-bad'}`} aria-hidden />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <span className={isOk ? 'font-medium text-ok' : 'font-medium text-bad'}>{isOk ? 'Works' : 'Failed'}</span>{' '}
        {test.message} {isOk ? null : test.advice}{' '}
        <span className="text-ink-2">
          <TimeAgo at={test.testedAt} />
        </span>
      </span>
    </p>
  );
};

export const ConnectionCard = ({ connection, kind, onEdit }: ConnectionCardProps) => {
  const fetcher = useFetcher<typeof action>();
  const toast = useToast();
  const result = fetcher.data;
  const isTesting = fetcher.state !== 'idle';
  useEffect(() => {
    if (!result) return;
    if (!result.ok) toast(result.problem.detail);
    else if (result.value.did === 'tested') {
      toast(result.value.ok ? `${connection.name} works.` : `${connection.name}: ${result.value.message}`);
    }
  }, [result, toast, connection.name]);

  const order = kind ? toFormFields(kind.settings).map((field) => field.name) : [];
  const settings = Object.entries(connection.settings).toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  const titles = new Map(kind ? toFormFields(kind.settings).map((field) => [field.name, field.title]) : []);
  const secretTitles = new Map(kind ? toFormFields(kind.secret).map((field) => [field.name, field.title]) : []);
  return (
    <li className="card flex min-w-0 flex-col">
      <div className="flex items-start gap-3 px-5 pt-4">
        <NodeIcon kind={connection.kind} size={36} />
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold">{connection.name}</h2>
          <p className="text-xs text-ink-2">{kind?.title ?? connection.kind}</p>
        </div>
        {onEdit ? (
          <Button
            variant="quiet"
            size="sm"
            aria-label={`Edit ${connection.name}`}
            icon={<Pencil size={15} />}
            onClick={onEdit}
          />
        ) : null}
      </div>
      <dl className="flex-1 space-y-1 px-5 pt-3 pb-4 text-xs">
        {settings.slice(0, 5).map(([name, value]) => (
          <div key={name} className="flex gap-3">
            <dt className="w-32 shrink-0 truncate text-ink-2">{titles.get(name) ?? name}</dt>
            <dd className="min-w-0 truncate font-mono" title={asText(value)}>
              {asText(value)}
            </dd>
          </div>
        ))}
        {connection.secretFields.map((name) => (
          <div key={name} className="flex gap-3">
            <dt className="w-32 shrink-0 truncate text-ink-2">{secretTitles.get(name) ?? name}</dt>
            <dd>
              <span aria-hidden className="tracking-[0.2em]">
                ••••••••
              </span>
              <span className="sr-only">set, not shown</span>
            </dd>
          </div>
        ))}
      </dl>
      <div className="space-y-2 border-t border-line px-5 py-3">
        <LastTest test={connection.lastTest} />
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <p className="min-w-0 flex-1 basis-40 text-xs text-ink-2">
            {connection.usedBy.length === 0
              ? 'No live flow uses it'
              : connection.usedBy.map((flow, at) => (
                  <span key={flow.flowId}>
                    {at === 0 ? 'Used by ' : ', '}
                    <Link to={`/workflows/${flow.flowId}`} className="prose-link">
                      {flow.name}
                    </Link>
                  </span>
                ))}
          </p>
          <div className="ml-auto flex items-center gap-1">
            <ButtonLink
              to={`/connections/${connection.id}/limits`}
              variant="quiet"
              size="sm"
              icon={<Gauge size={14} aria-hidden />}
              aria-label={`Limits of ${connection.name}`}
            >
              Limits
            </ButtonLink>
            <ButtonLink
              to={`/connections/${connection.id}/access`}
              variant="quiet"
              size="sm"
              icon={<Users size={14} aria-hidden />}
              aria-label={`Access to ${connection.name}`}
            >
              Access
            </ButtonLink>
            {onEdit ? (
              <fetcher.Form method="post" action="/connections">
                <input type="hidden" name="intent" value="test" />
                <input type="hidden" name="connectionId" value={connection.id} />
                <Button type="submit" size="sm" disabled={isTesting} icon={<PlugZap size={14} aria-hidden />}>
                  {isTesting ? 'Testing…' : 'Test'}
                </Button>
              </fetcher.Form>
            ) : null}
          </div>
        </div>
      </div>
    </li>
  );
};
