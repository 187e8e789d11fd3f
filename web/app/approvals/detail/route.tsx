import { type Approval, type ApprovalReply, approvalSchema, type MadeApprovalLink } from '@everwave/schema/api';
import { data, Link } from 'react-router';
import { type ActionResult, callApi, load } from '#app/api/api.server.ts';
import { ErrorState } from '#app/components/data/error-page.tsx';
import { PageHeader } from '#app/components/data/page-header.tsx';
import { Section } from '#app/components/data/section.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { PageHandle } from '#app/shell/page-handle.ts';
import { CountDown } from '#app/time/count-down.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import type { Route } from './+types/route.ts';
import { ApprovalState } from '../approval-state.tsx';
import { answerApproval } from './answer.server.ts';
import { AnswerForm } from './answer-form.tsx';
import { ApprovalLinks } from './approval-links.tsx';
import { GivenAnswers } from './given-answers.tsx';
import { type LinkDeed, readLinks, writeLink } from './links.server.ts';
import { Standing } from './standing.tsx';

interface ApprovalPage {
  readonly approval: Approval;
  /** Null for those who may not make any. */
  readonly links: readonly MadeApprovalLink[] | null;
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${(loaderData as ApprovalPage | undefined)?.approval.subject ?? 'Approval'} · Everwave` },
];

export const handle: PageHandle = {
  crumbs: (loaded) => {
    const approval = (loaded as ApprovalPage | undefined)?.approval;
    return [{ label: 'Approvals', to: '/approvals' }, ...(approval ? [{ label: approval.flowName }] : [])];
  },
};

export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async (): Promise<ApprovalPage> => {
    const [approval, links] = await Promise.all([
      callApi(request, `/v1/approvals/${encodeURIComponent(params.approvalId)}`, approvalSchema),
      readLinks(request, params.approvalId),
    ]);
    return { approval, links };
  });

export const action = async ({ request, params }: Route.ActionArgs) => {
  const form = await request.formData();
  if (form.has('intent')) {
    const links: ActionResult<LinkDeed> = await writeLink(request, form, params.approvalId);
    return data({ links, answer: null }, { status: links.ok ? 200 : links.problem.status });
  }
  const answer: ActionResult<ApprovalReply> = await answerApproval(request, form, params.approvalId);
  return data({ links: null, answer }, { status: answer.ok ? 200 : answer.problem.status });
};

/** Also after a refusal: somebody else was faster, and the page says who. */
export const shouldRevalidate = () => true;

export default function ApprovalDetail({ loaderData, actionData }: Route.ComponentProps) {
  const { approval, links } = loaderData;
  const answer = actionData?.answer ?? null;
  const problem = answer && !answer.ok ? answer.problem : null;
  const taken = answer?.ok ? answer.value.status : null;
  const mayAnswer = approval.mayAnswer && taken === null;
  return (
    <div className="mx-auto max-w-[720px]">
      <PageHeader title={approval.subject} actions={<ApprovalState status={approval.status} />}>
        {approval.flowName} asked <TimeAgo at={approval.openedAt} /> ·{' '}
        <Link to={`/runs/${approval.runId}?step=${encodeURIComponent(approval.path)}`} className="prose-link">
          its run
        </Link>
        {approval.status === 'open' && approval.dueAt ? (
          <>
            {' · goes on without an answer '}
            <CountDown until={approval.dueAt} />
          </>
        ) : null}
      </PageHeader>
      <div className="space-y-5">
        {approval.message ? (
          <p className="card px-5 py-4 [overflow-wrap:anywhere] whitespace-pre-wrap">{approval.message}</p>
        ) : null}
        {taken !== null && approval.status === 'open' ? (
          <Notice tone="ok" title="Your answer was taken" role="status">
            {taken === 'open' ? 'Others must answer too before the run goes on.' : 'The run goes on.'}
          </Notice>
        ) : null}
        {problem && !mayAnswer ? <ProblemNotice problem={problem} /> : null}
        {mayAnswer ? (
          <Section title="Your answer">
            <AnswerForm approval={approval} problem={problem} />
          </Section>
        ) : taken !== null && approval.status === 'open' ? null : (
          <Standing approval={approval} />
        )}
        {approval.answers.length > 0 ? (
          <Section title={`Answers: ${approval.answers.length} of ${approval.approvalsNeeded} needed`} flush>
            <GivenAnswers answers={approval.answers} />
          </Section>
        ) : null}
        {links ? (
          <ApprovalLinks
            links={links}
            mayMake={approval.status === 'open' && taken === null}
            result={actionData?.links ?? null}
          />
        ) : null}
      </div>
    </div>
  );
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorState error={error} />;
