import type { Json } from '@everwave/schema/flow';
import { findMask } from '@everwave/schema/run';
import { problem } from '../../problems.ts';

/** Nobody sends on what stands in the place of a value as if it were the value. `path` is where the request holds it. */
export const refuseMasked = (value: Json | undefined, path: string): void => {
  const found = findMask(value);
  if (found === null) return;
  const at = [path, found].filter((part) => part !== '').join(found.startsWith('[') ? '' : '.');
  const message = `${at} is masked for you. Enter a value, or send only the fields that you change.`;
  throw problem('value_masked', message, { errors: [{ path: at, message: 'Enter a value.' }] });
};
