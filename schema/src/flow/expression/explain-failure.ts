import { EvaluationStop } from './evaluation-stop.ts';

/** Why an expression gave no value, in words for its author. Never holds data. */
export interface ExpressionFailure {
  readonly code: 'syntax' | 'not_allowed' | 'budget' | 'too_large' | 'no_value' | 'not_json' | 'failed';
  readonly message: string;
  /** Offset into the text, from 0. */
  readonly position?: number;
}

/** JSONata's words for these would repeat data, which may be secret. */
const ownWords: { readonly [code: string]: string } = {
  D1001: 'A number is out of range.',
  D1002: 'Only a number can be negated with -.',
  D1009: 'Two keys of an object are the same.',
  D1013: 'Keys that begin with _jsonata_ are reserved.',
  D3030: 'The value given to $number cannot be read as a number.',
  D3060: '$sqrt cannot be applied to a negative number.',
  D3061: 'The result of $power is out of range.',
  D3100: 'The radix given to $formatBase must lie between 2 and 36.',
  D3110: 'The text given to $toMillis is not an ISO 8601 time.',
  D3130: 'This way of writing an integer is not supported.',
  D3132: 'The date picture names an unknown part.',
  D3133: 'Only months and days have names in a date picture.',
  D3140: 'The text is no well-formed URL.',
  T1003: 'A key of an object must be a text.',
  T2007: 'Values of different types cannot be put in order.',
  T2009: 'Values of different types cannot be compared.',
};

const tooLarge = new Set(['D2014', 'D2015']);

const isCoded = (error: unknown): error is { code: string; message?: unknown; position?: unknown } =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length)}…` : text);

/** Turns whatever an evaluation or a parse ended with into words. `stage` names the kind of an ordinary failure. */
export const explainFailure = (error: unknown, stage: 'syntax' | 'failed'): ExpressionFailure => {
  const place =
    typeof error === 'object' && error !== null && 'position' in error && typeof error.position === 'number'
      ? { position: error.position }
      : {};
  if (error instanceof EvaluationStop) return { code: error.code, message: error.message, ...place };
  if (error instanceof RangeError || (isCoded(error) && error.code === 'D1011')) {
    return { code: 'budget', message: 'The expression is nested or calls itself too deeply.', ...place };
  }
  if (!isCoded(error)) return { code: stage, message: 'The expression cannot be evaluated.', ...place };
  if (tooLarge.has(error.code)) {
    return { code: 'too_large', message: 'The expression makes or walks a list that is too long.', ...place };
  }
  const message =
    ownWords[error.code] ?? (typeof error.message === 'string' ? error.message : 'The expression failed.');
  return { code: stage, message: cut(message, 300), ...place };
};
