import { Ban, Lock, PlugZap, SearchX, Unplug } from 'lucide-react';
import { isRouteErrorResponse } from 'react-router';
import { isPageProblem } from '#app/api/api-error.ts';
import { ButtonLink } from '../ui/button.tsx';
import { Wordmark } from '../ui/logo.tsx';

interface Told {
  readonly icon: typeof Lock;
  readonly title: string;
  readonly what: string;
  readonly next: string;
  readonly requestId: string | null;
}

const tell = (error: unknown): Told => {
  if (isRouteErrorResponse(error)) {
    const problem = isPageProblem(error.data) ? error.data : null;
    const requestId = problem?.requestId ?? null;
    if (error.status === 404) {
      return {
        icon: SearchX,
        title: 'There is nothing at this address',
        what: problem?.detail ?? 'The page was moved, the link is incomplete, or the thing it named is gone.',
        next: 'Check the address, or start again from Home.',
        requestId,
      };
    }
    if (problem?.code === 'account_suspended') {
      return { icon: Ban, title: problem.title, what: problem.detail, next: 'Your runs go on.', requestId };
    }
    if (error.status === 403) {
      return {
        icon: Lock,
        title: 'Your role does not include this page',
        what: problem?.detail ?? 'You are signed in, but this page needs a permission that you do not have.',
        next: 'Ask an owner or admin of your organisation to change your role.',
        requestId,
      };
    }
    if (error.status === 502 || error.status === 503) {
      return {
        icon: Unplug,
        title: problem?.title ?? 'The api does not answer',
        what: problem?.detail ?? 'The pages are up, but the api behind them is not.',
        next: 'Runs go on without it. Reload in a few seconds; if that does not help, look at the api in the terminal.',
        requestId,
      };
    }
    if (problem) {
      return { icon: PlugZap, title: problem.title, what: problem.detail, next: 'Go back and try again.', requestId };
    }
  }
  return {
    icon: PlugZap,
    title: 'This page broke',
    what: 'Something in it failed that should not have. Nothing was changed.',
    next: 'Reload the page. If it breaks again, the web server’s log holds the reason.',
    requestId: null,
  };
};

/** The inside of a page that could not be shown: what, why, what next, and the id to find it by in the logs. */
export const ErrorState = ({ error }: { readonly error: unknown }) => {
  const { icon: Icon, title, what, next, requestId } = tell(error);
  return (
    <div className="mx-auto flex max-w-[52ch] flex-col items-center py-20 text-center">
      <span aria-hidden className="mb-5 grid size-14 place-items-center rounded-full bg-coral/12 text-burgundy">
        <Icon size={26} />
      </span>
      <h1 className="text-lg font-semibold">{title}</h1>
      <p className="mt-2 text-ink-2">{what}</p>
      <p className="mt-1 text-ink-2">{next}</p>
      {requestId ? <p className="mt-4 font-mono text-xs text-ink-2">request {requestId}</p> : null}
      <div className="mt-6 flex gap-2">
        <ButtonLink to="." reloadDocument>
          Reload
        </ButtonLink>
        <ButtonLink to="/" variant="quiet">
          Home
        </ButtonLink>
      </div>
    </div>
  );
};

/** The same for pages outside the shell. */
export const ErrorPage = ({ error }: { readonly error: unknown }) => (
  <main className="grid min-h-dvh place-items-center px-6">
    <title>Everwave</title>
    <div>
      <div className="flex justify-center">
        <Wordmark />
      </div>
      <ErrorState error={error} />
    </div>
  </main>
);
