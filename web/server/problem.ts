import type { ServerResponse } from 'node:http';

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string;
}

/** Answers with an RFC 9457 problem in the api's own shape, so that callers read one kind of error. */
export const sendProblem = (response: ServerResponse, problem: Problem): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(problem.status, {
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Cache-Control': 'no-store',
  });
  response.end(JSON.stringify({ type: 'about:blank', errors: [], ...problem }));
};
