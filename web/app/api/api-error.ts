import type { Problem } from '@everwave/schema/api';

/** What a page shows when the api said no, or nothing. The same fields as the api's own problems. */
export type PageProblem = Pick<Problem, 'status' | 'code' | 'title' | 'detail' | 'errors' | 'requestId'>;

/** Thrown inside the server when a call to the api fails; loaders turn it into a page, actions into a message. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: PageProblem;

  constructor(problem: PageProblem, options?: ErrorOptions) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`, options);
    this.problem = problem;
  }
}

export const isPageProblem = (value: unknown): value is PageProblem =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value && 'requestId' in value;
