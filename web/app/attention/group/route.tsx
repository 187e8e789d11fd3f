import {
  type DeadLetter,
  type DeadLetterGroupDetail,
  deadLetterGroupDetailSchema,
  deadLetterStateSchema,
  repairJobListSchema,
} from '@everwave/schema/api';
import { ArchiveRestore, ArchiveX, CheckCheck, CircleX, Hand, PencilLine, RotateCw, SkipForward } from 'lucide-react';
import { useState } from 'react';
import { data, useFetcher } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import { EmptyState } from '#app/components/data/empty-state.tsx';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { KeyboardList } from '#app/components/data/keyboard-list.tsx';
import { LinkTabs } from '#app/components/data/link-tabs.tsx';
import { OlderNewer } from '#app/components/data/older-newer.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { readNodeKinds } from '#app/flows/node-kinds.server.ts';
import { FailureBlock } from '#app/runs/detail/failure-block.tsx';
import { toFormFields } from '#app/schema-form/form-fields.ts';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import { formatCount } from '#app/words/numbers.ts';
import { failureTitle } from '#app/words/statuses.ts';
import { DeadLetterRow } from '../dead-letter-row.tsx';
import { DismissDialog } from '../dismiss-dialog.tsx';
import { commandGroup } from './group-commands.server.ts';
import { JobCard } from './job-card.tsx';
import { type GroupChoice, RepairGroupDialog } from './repair-group-dialog.tsx';
import type { Route } from './+types/route.ts';

interface GroupPage {
  readonly group: DeadLetterGroupDetail;
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${(loaderData as GroupPage | undefined)?.group.stepTitle ?? 'Attention'}, attention · Everwave` },
];

export const handle: PageHandle = {
  crumbs: (loaded) => {
    const group = (loaded as GroupPage | undefined)?.group;
    return [{ label: 'Attention', to: '/attention' }, ...(group ? [{ label: failureTitle(group.failure.name) }] : [])];
  },
};

const stateSchema = deadLetterStateSchema.catch('open');

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async () => {
    const search = new URL(request.url).searchParams;
    const state = stateSchema.parse(search.get('state') ?? undefined);
    const query = { state, cursor: search.get('cursor') ?? undefined };
    const fingerprint = encodeURIComponent(params.fingerprint);
    const [group, jobs, manifests] = await Promise.all([
      callApi(request, `/v1/dead-letter-groups/${fingerprint}`, deadLetterGroupDetailSchema, { query }),
      callApi(request, '/v1/repair-jobs', repairJobListSchema, {
        query: { fingerprint: params.fingerprint, limit: 1 },
      }),
      readNodeKinds(request),
    ]);
    const manifest = manifests.find(({ kind }) => kind === group.nodeKind);
    return { group, state, job: jobs.items[0] ?? null, manifest };
  });

export const action = async ({ request, params }: Route.ActionArgs) => {
  const result = await commandGroup(request, params.fingerprint, await request.formData());
  return result.ok ? result : data(result, { status: result.problem.status });
};

const GroupActions = ({
  open,
  canEdit,
  isBusy,
  onChoose,
  onDismiss,
}: {
  readonly open: number;
  readonly canEdit: boolean;
  /** A repair of the group is open: another one would be refused. */
  readonly isBusy: boolean;
  readonly onChoose: (choice: GroupChoice) => void;
  readonly onDismiss: () => void;
}) => {
  const mayRepair = useMay('deadLetters:repair');
  const mayDismiss = useMay('deadLetters:dismiss');
  if (!mayRepair && !mayDismiss) {
    return <p className="text-ink-2">Your role can look at this but not repair it. Ask an operator.</p>;
  }
  const choices = [
    ...(canEdit ? [{ choice: 'edit' as const, words: 'Edit input', icon: PencilLine }] : []),
    { choice: 'complete' as const, words: 'Complete by hand', icon: CheckCheck },
    { choice: 'skip' as const, words: 'Skip', icon: SkipForward },
  ];
  return (
    <div className="flex flex-wrap gap-2">
      {mayRepair ? (
        <>
          <Button
            variant="primary"
            icon={<RotateCw size={15} aria-hidden />}
            disabled={isBusy}
            onClick={() => onChoose('retry')}
          >
            Retry {open === 1 ? 'it' : `all ${open}`}
          </Button>
          {choices.map(({ choice, words, icon: Icon }) => (
            <Button
              key={choice}
              icon={<Icon size={15} aria-hidden />}
              disabled={isBusy}
              onClick={() => onChoose(choice)}
            >
              {words}
            </Button>
          ))}
          <Button
            variant="danger"
            icon={<CircleX size={15} aria-hidden />}
            disabled={isBusy}
            onClick={() => onChoose('fail')}
          >
            Fail runs
          </Button>
        </>
      ) : null}
      {mayDismiss ? (
        <Button variant="quiet" icon={<ArchiveX size={15} aria-hidden />} onClick={onDismiss}>
          Dismiss
        </Button>
      ) : null}
    </div>
  );
};

const RestoreButton = ({ count }: { readonly count: number }) => {
  const fetcher = useFetcher<typeof action>();
  const result = fetcher.data;
  return (
    <>
      <fetcher.Form method="post">
        <input type="hidden" name="intent" value="restore" />
        <Button type="submit" icon={<ArchiveRestore size={15} aria-hidden />} disabled={fetcher.state !== 'idle'}>
          Bring {formatCount(count, 'step')} back
        </Button>
      </fetcher.Form>
      {result && !result.ok ? <ProblemNotice problem={result.problem} /> : null}
    </>
  );
};

const hasInput = ({ input, inputReference }: DeadLetter): boolean =>
  input !== undefined || inputReference !== undefined;

export default function AttentionGroup({ loaderData }: Route.ComponentProps) {
  const { group, state, job, manifest } = loaderData;
  const [choice, setChoice] = useState<GroupChoice | null>(null);
  const [isDismissing, setIsDismissing] = useState(false);
  const mayDismiss = useMay('deadLetters:dismiss');
  const { open, dismissed, resolved } = group.counts;
  const here = `/attention/${group.fingerprint}`;
  return (
    <>
      <PageHeader title={`${failureTitle(group.failure.name)} at ${group.stepTitle}`}>
        {open > 0
          ? `${formatCount(open, 'step')} of ${group.flowName} ${open === 1 ? 'waits' : 'wait'} here for one reason.`
          : `Nothing of ${group.flowName} waits here any more.`}{' '}
        Nothing before them runs again.
      </PageHeader>
      <div className="grid gap-4 lg:grid-cols-2">
        <Section title="What happened">
          <FailureBlock
            failure={group.failure}
            status={open > 0 ? 'needs_attention' : 'failed'}
            attempts={group.letters.items[0]?.attempts ?? 1}
          />
          {open > 0 ? (
            <div className="mt-4">
              <GroupActions
                open={open}
                canEdit={
                  manifest !== undefined &&
                  toFormFields(manifest.input).length > 0 &&
                  group.letters.items.some(hasInput)
                }
                isBusy={job?.finishedAt === null}
                onChoose={setChoice}
                onDismiss={() => setIsDismissing(true)}
              />
            </div>
          ) : null}
        </Section>
        {job ? <JobCard job={job} /> : null}
      </div>
      <div className="mt-6">
        <LinkTabs
          label="By state"
          tabs={[
            { label: 'Waiting', to: here, current: state === 'open', count: open },
            { label: 'Dismissed', to: `${here}?state=dismissed`, current: state === 'dismissed', count: dismissed },
            { label: 'Decided', to: `${here}?state=resolved`, current: state === 'resolved', count: resolved },
          ]}
        />
        {state === 'dismissed' && dismissed > 0 && mayDismiss ? (
          <div className="mt-4">
            <RestoreButton count={dismissed} />
          </div>
        ) : null}
        <div className="card mt-4 overflow-hidden">
          {group.letters.items.length > 0 ? (
            <KeyboardList label="Steps">
              {group.letters.items.map((letter) => (
                <DeadLetterRow key={letter.id} letter={letter} to={`/attention/letters/${letter.id}`} />
              ))}
            </KeyboardList>
          ) : (
            <EmptyState icon={<Hand />} title="None here">
              No step of this group is in this state.
            </EmptyState>
          )}
        </div>
        <OlderNewer nextCursor={group.letters.nextCursor} what="steps" />
      </div>
      {choice ? (
        <RepairGroupDialog
          group={group}
          choice={choice}
          letter={group.letters.items.find(hasInput)}
          manifest={manifest}
          onClose={() => setChoice(null)}
        />
      ) : null}
      {isDismissing ? <DismissDialog steps={open} onClose={() => setIsDismissing(false)} /> : null}
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
