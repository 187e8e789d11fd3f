import type { AccessOf } from '@everwave/schema/api';
import { Lock, LockOpen, UserPlus } from 'lucide-react';
import { Form, Link, useNavigation } from 'react-router';
import type { ActionResult } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { Pill } from '#app/components/ui/status-pill.tsx';
import { Initial } from '#app/people/initial.tsx';
import { useMay } from '#app/shell/use-me.ts';
import { granteeWords, reasonWords, type Thing } from './access-words.ts';
import { GiveAccess } from './give-access.tsx';
import type { ReadAccess } from './read-access.server.ts';

const openTo: Readonly<Record<Thing, string>> = {
  flow: 'Everybody whose role sees flows reaches this one.',
  folder: 'Everybody whose role sees flows reaches what is in this folder.',
  connection: 'Everybody whose role sees connections sees this one, and draws with it.',
};

const keptFor = 'Only who has a grant reaches it, and whoever manages access in the organisation.';

/** Whether it is for everybody, and the button that turns it round. */
const WhoMay = ({ of, access }: { readonly of: Thing; readonly access: AccessOf }) => {
  const may = useMay('roles:manage');
  const isBusy = useNavigation().state !== 'idle';
  const { isRestricted, folder } = access;
  const isKeptByFolder = !isRestricted && folder?.isRestricted === true;
  return (
    <Section
      title="Who may reach it"
      actions={
        <Pill tone={isRestricted || isKeptByFolder ? 'warn' : 'quiet'}>
          {isRestricted ? 'Restricted' : isKeptByFolder ? 'Restricted by its folder' : 'Open'}
        </Pill>
      }
    >
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p className="max-w-[60ch]">{isRestricted || isKeptByFolder ? keptFor : openTo[of]}</p>
        {may ? (
          <Form method="post">
            <input type="hidden" name="intent" value={isRestricted ? 'open' : 'restrict'} />
            <Button
              type="submit"
              aria-disabled={isBusy}
              icon={isRestricted ? <LockOpen size={15} aria-hidden /> : <Lock size={15} aria-hidden />}
            >
              {isRestricted
                ? 'Open to everybody'
                : isKeptByFolder
                  ? 'Restrict it by itself, too'
                  : 'Restrict to grants'}
            </Button>
          </Form>
        ) : null}
      </div>
      {folder ? (
        <p className="mt-3 text-xs text-ink-2">
          It is in the folder{' '}
          {may ? (
            <Link to={`/workflows/folders/${folder.id}/access`} className="prose-link">
              {folder.name}
            </Link>
          ) : (
            folder.name
          )}
          {folder.isRestricted
            ? ', which is restricted: so is everything in it. Grants on it count here, too.'
            : '. Grants on it count here, too.'}
        </p>
      ) : null}
    </Section>
  );
};

const Grants = ({ access, grantees, own }: ReadAccess) => {
  const may = useMay('roles:manage');
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Section title="Grants" flush>
      {may ? <GiveAccess key={access.grants.length} grantees={grantees} own={own} /> : null}
      {access.grants.length === 0 ? (
        <EmptyState icon={<UserPlus />} title="No grants">
          A grant gives somebody a role here, whatever they may do elsewhere.
        </EmptyState>
      ) : (
        <ul className="divide-y divide-line">
          {access.grants.map(({ grantee: { kind, id, name }, roleName }) => (
            <li key={`${kind} ${id}`} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
              <Initial name={name} />
              <div className="min-w-0 flex-1 basis-40">
                <p className="truncate font-medium">{name}</p>
                <p className="text-xs text-ink-2">{granteeWords[kind].one}</p>
              </div>
              <Pill tone="quiet">{roleName ?? 'their own role'}</Pill>
              {may ? (
                <Form method="post">
                  <input type="hidden" name="intent" value="remove" />
                  <input type="hidden" name="who" value={`${kind}:${id}`} />
                  <Button
                    type="submit"
                    size="sm"
                    variant="danger"
                    aria-disabled={isBusy}
                    aria-label={`Remove the grant of ${name}`}
                  >
                    Remove
                  </Button>
                </Form>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
};

const Reached = ({ of, access }: { readonly of: Thing; readonly access: AccessOf }) => (
  <Section
    title={of === 'folder' ? 'Who sees what is in it' : 'Who sees it'}
    actions={<span className="tabular text-xs text-ink-2">{access.reachedBy.length}</span>}
    flush
  >
    <ul className="divide-y divide-line">
      {access.reachedBy.map(({ holder: { kind, id, name }, because }) => (
        <li key={`${kind} ${id}`} className="flex flex-wrap items-start gap-x-4 gap-y-1 px-5 py-3">
          <div className="min-w-0 flex-1 basis-44">
            <p className="truncate font-medium">{name}</p>
            {kind === 'user' ? null : <p className="text-xs text-ink-2">{granteeWords[kind].one}</p>}
          </div>
          <ul className="w-full text-xs sm:w-96 text-ink-2">
            {because.map((reason) => (
              <li key={reasonWords(reason, of)}>{reasonWords(reason, of)}</li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  </Section>
);

interface AccessViewProps extends ReadAccess {
  readonly of: Thing;
  readonly written: ActionResult<{ readonly said: string }> | undefined;
}

/** Who has access to one thing and why, and what can be changed about it. Works without script. */
export const AccessView = ({ of, written, ...read }: AccessViewProps) => (
  <div className="max-w-[980px] space-y-5">
    {written?.ok ? (
      <Notice tone="ok" title="Done" role="status">
        {written.value.said}
      </Notice>
    ) : null}
    {written && !written.ok ? <ProblemNotice problem={written.problem} /> : null}
    <WhoMay of={of} access={read.access} />
    <Grants {...read} />
    <Reached of={of} access={read.access} />
  </div>
);
