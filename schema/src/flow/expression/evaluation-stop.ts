/** Stops an evaluation. `code` becomes the expression error's code; the message is for the author. */
export class EvaluationStop extends Error {
  override readonly name = 'EvaluationStop';
  readonly code: 'budget' | 'too_large' | 'not_allowed' | 'failed';

  constructor(code: EvaluationStop['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
