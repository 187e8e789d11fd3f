import type { SetVariable } from '@everwave/schema/api';
import type { VariableType } from '@everwave/schema/flow';
import { problem } from '../../problems.ts';

/** Bytes of JSON: what a plan names travels with each of its runs. */
const largestValue = 8_192;
/** Shorter ones could not be kept out of what a step gives. */
const shortestSecret = 8;

const expected: Readonly<Record<VariableType, string>> = {
  string: 'A text is expected.',
  number: 'A number is expected.',
  boolean: 'true or false is expected.',
  json: 'JSON is expected.',
  secret: `A text of ${shortestSecret} characters or more is expected.`,
};

const fits = ({ type, value }: SetVariable): boolean => {
  if (type === 'json') return true;
  if (type === 'secret') return typeof value === 'string' && value.length >= shortestSecret;
  return typeof value === type;
};

/** Throws for a value that its type does not allow. Never repeats it. */
export const checkValue = (given: SetVariable): void => {
  if (given.value === undefined) return;
  const bytes = Buffer.byteLength(JSON.stringify(given.value));
  const message = bytes > largestValue ? `It has ${bytes} bytes as JSON; ${largestValue} are possible.` : null;
  if (!message && fits(given)) return;
  const errors = [{ path: 'value', message: message ?? expected[given.type] }];
  throw problem('variable_invalid', `The value does not fit a variable of type ${given.type}.`, { errors });
};
