import type { EvaluationRequest } from '../flow/expression/evaluation-request.ts';

/** Ends what is being begun: it needs a value that is kept outside of the run. */
export class NeedsValue extends Error {
  override readonly name = 'NeedsValue';
  readonly field: string;
  readonly request: EvaluationRequest;

  constructor(field: string, request: EvaluationRequest) {
    super(`${field} needs a value that is kept outside of the run.`);
    this.field = field;
    this.request = request;
  }
}
