import { type DeadLetterDetail, deadLetterDetailSchema, dismissRequestSchema, runSchema } from '@everwave/schema/api';
import { deadLetterIdSchema } from '@everwave/schema/ids';
import { ArchiveRestore, ArchiveX, ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { data, useFetcher } from 'react-router';
import * as z from 'zod';
import { attempt, callApi, load, refuse } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { ValueTree } from '#app/components/values/value-tree.tsx';
import { readNodeKinds } from '#app/flows/node-kinds.server.ts';
import { FailureBlock } from '#app/runs/detail/failure-block.tsx';
import { RepairBar } from '#app/runs/detail/repair-bar.tsx';
import { RepairDialog } from '#app/runs/detail/repair-dialog.tsx';
import type { RepairChoice } from '#app/runs/detail/repairs.ts';
import { KeptValueView } from '#app/runs/value/kept-value.tsx';
import { MaskedNotice } from '#app/runs/value/masked-notice.tsx';
import { unmaskQueryOf } from '#app/runs/value/unmask.ts';
import { stepValueUrl } from '#app/runs/value/value-url.ts';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { useMay } from '#app/shell/use-me.ts';
import { TimeAgo } from '#app/time/time-ago.tsx';
import { failureTitle } from '#app/words/statuses.ts';
import { DismissDialog } from '../dismiss-dialog.tsx';
import { InputFacts } from './input-facts.tsx';
import type { Route } from './+types/route.ts';

interface LetterPage {
  readonly letter: DeadLetterDetail;
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${(loaderData as LetterPage | undefined)?.letter.stepTitle ?? 'Attention'}, attention · Everwave` },
];

export const handle: PageHandle = {
  crumbs: (loaded) => {
    const letter = (loaded as LetterPage | undefined)?.letter;
    return [
      { label: 'Attention', to: '/attention' },
      ...(letter
        ? [
            { label: failureTitle(letter.failure.name), to: `/attention/${letter.fingerprint}` },
            { label: letter.runId.slice(-6) },
          ]
        : []),
    ];
  },
};

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async () => {
    const [letter, manifests] = await Promise.all([
      callApi(request, `/v1/dead-letters/${encodeURIComponent(params.deadLetterId)}`, deadLetterDetailSchema, {
        query: unmaskQueryOf(request),
      }),
      readNodeKinds(request),
    ]);
    const run = await callApi(request, `/v1/runs/${letter.runId}`, runSchema);
    return { letter, run, manifest: manifests.find(({ kind }) => kind === letter.nodeKind) };
  });

const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('dismiss'), reason: z.string(), run: z.enum(['wait', 'fail']) }),
  z.object({ intent: z.literal('restore') }),
]);

export const action = async ({ request, params }: Route.ActionArgs) => {
  const id = deadLetterIdSchema.safeParse(params.deadLetterId);
  const fields = formSchema.safeParse(Object.fromEntries(await request.formData()));
  const unexpected = () => data(refuse(request, 'Say why in up to 500 characters, and try again.'), { status: 400 });
  if (!id.success || !fields.success) return unexpected();
  const { intent, ...rest } = fields.data;
  const dismissal = intent === 'dismiss' ? dismissRequestSchema.safeParse(rest) : null;
  if (dismissal && !dismissal.success) return unexpected();
  const result = await attempt(request, () =>
    callApi(request, `/v1/dead-letters/${id.data}/${intent}`, deadLetterDetailSchema, {
      method: 'POST',
      ...(dismissal ? { body: dismissal.data } : {}),
    }),
  );
  return result.ok ? result : data(result, { status: result.problem.status });
};

const effectWords: Readonly<Record<DeadLetterDetail['effect'], string>> = {
  none: 'Nothing was sent: doing it again has its effect once.',
  failed: 'The service refused it: doing it again has its effect once.',
  unsure: 'It may have had its effect. Look at the service first: retrying may have it twice.',
  confirmed: 'Its effect took place and is not repeated, unless you edit the input.',
};

export default function AttentionLetter({ loaderData }: Route.ComponentProps) {
  const { letter, run, manifest } = loaderData;
  const [choice, setChoice] = useState<RepairChoice | null>(null);
  const [isDismissing, setIsDismissing] = useState(false);
  const restoring = useFetcher<typeof action>();
  const mayDismiss = useMay('deadLetters:dismiss');
  const isWaiting = letter.resolvedAt === null;
  const step = run.steps.find(({ path, ordinal }) => path === letter.path && ordinal === letter.ordinal) ?? null;
  return (
    <>
      <PageHeader
        title={`${failureTitle(letter.failure.name)} at ${letter.stepTitle}`}
        actions={
          <ButtonLink
            to={`/runs/${letter.runId}?step=${encodeURIComponent(letter.path)}`}
            icon={<ExternalLink size={15} aria-hidden />}
          >
            Open the run
          </ButtonLink>
        }
      >
        {letter.flowName}, <span className="font-mono text-xs">{letter.path}</span>, since{' '}
        <TimeAgo at={letter.openedAt} />
      </PageHeader>
      <div className="mb-5 empty:hidden">
        <MaskedNotice
          values={[letter.input, letter.inputReference?.preview]}
          mayUnmask={run.may.includes('values:unmask')}
        />
      </div>
      <div className="grid gap-4 lg:grid-cols-2">
        <Section title="What happened">
          <FailureBlock
            failure={letter.failure}
            status={isWaiting ? 'needs_attention' : 'failed'}
            attempts={letter.attempts}
          />
          {isWaiting ? <p className="mt-3">{effectWords[letter.effect]}</p> : null}
          {letter.dismissal ? (
            <div className="mt-3">
              <Notice tone="info" title={`Dismissed by ${letter.dismissal.by}`}>
                {letter.dismissal.reason}
              </Notice>
            </div>
          ) : null}
          {isWaiting ? (
            <>
              <RepairBar onChoose={setChoice} />
              {mayDismiss && !letter.dismissal ? (
                <Button
                  variant="quiet"
                  size="sm"
                  className="mt-2"
                  icon={<ArchiveX size={14} aria-hidden />}
                  onClick={() => setIsDismissing(true)}
                >
                  Dismiss
                </Button>
              ) : null}
              {mayDismiss && letter.dismissal ? (
                <restoring.Form method="post" className="mt-2">
                  <input type="hidden" name="intent" value="restore" />
                  <Button
                    type="submit"
                    size="sm"
                    icon={<ArchiveRestore size={14} aria-hidden />}
                    disabled={restoring.state !== 'idle'}
                  >
                    Bring it back
                  </Button>
                </restoring.Form>
              ) : null}
              {restoring.data && !restoring.data.ok ? <ProblemNotice problem={restoring.data.problem} /> : null}
            </>
          ) : (
            <p className="mt-3 text-ink-2">
              Decided{letter.resolvedBy ? ` by ${letter.resolvedBy}` : ''}: nothing is left to do here.
            </p>
          )}
        </Section>
        <Section title="What the step was given">
          {letter.inputReference ? (
            <KeptValueView
              kept={letter.inputReference}
              url={stepValueUrl(letter.runId, letter, 'input')}
              root="input"
            />
          ) : letter.input === undefined ? (
            <p className="text-ink-2">It failed before its input was known.</p>
          ) : manifest ? (
            <InputFacts schema={manifest.input} input={letter.input} />
          ) : (
            <ValueTree value={letter.input} root="input" />
          )}
        </Section>
      </div>
      {choice ? (
        <RepairDialog run={run} repair={choice} step={step} manifest={manifest} onClose={() => setChoice(null)} />
      ) : null}
      {isDismissing ? <DismissDialog steps={1} onClose={() => setIsDismissing(false)} /> : null}
    </>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
