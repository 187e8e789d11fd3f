import type { Json } from '../plan.ts';
import { EvaluationStop } from './evaluation-stop.ts';
import { expressionLimits, type ExpressionLimits } from './limits.ts';
import { isFunctionValue } from './measure.ts';

/** Something an expression gave that JSON has no way to write. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/** Bytes of a text as UTF-8 inside JSON, quotes included. */
const bytesOf = (text: string): number => {
  let bytes = 2;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === 0x22 || unit === 0x5c) bytes += 2;
    else if (unit < 0x20) bytes += 6;
    else if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(index + 1))) {
      bytes += 4;
      index += 1;
    } else bytes += unit >= 0xd800 && unit <= 0xdfff ? 6 : 3;
  }
  return bytes;
};

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/**
 * Makes plain JSON of what evaluations gave, and counts its bytes over all calls. Throws `NotJson` for a value JSON
 * cannot hold, `EvaluationStop` for too much of it.
 */
export const createJsonWriter = (
  limits: ExpressionLimits = expressionLimits,
): { readonly bytes: number; write(value: unknown, depth?: number): Json } => {
  let bytes = 0;
  const count = (added: number) => {
    bytes += added;
    if (bytes > limits.resultBytes) {
      throw new EvaluationStop('too_large', `The result is larger than ${limits.resultBytes} bytes of JSON.`);
    }
  };

  const write = (value: unknown, depth = 0): Json => {
    if (depth > limits.depth) throw new EvaluationStop('too_large', 'The result is nested too deeply.');
    if (typeof value === 'string') {
      count(bytesOf(value));
      return value;
    }
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) {
        throw new NotJson(
          'The expression gives a number that is infinite or no number, for instance by dividing by zero.',
        );
      }
      count(String(value).length);
      return Object.is(value, -0) ? 0 : value;
    }
    if (typeof value === 'boolean' || value === null) {
      count(String(value).length);
      return value;
    }
    if (isFunctionValue(value)) {
      throw new NotJson('The expression gives a function, not a value; it may lack the brackets of a call.');
    }
    if (Array.isArray(value)) {
      count(value.length + 1);
      return Array.from(value, (item: unknown) => write(item ?? null, depth + 1));
    }
    if (typeof value !== 'object') throw new NotJson(`The expression gives a ${typeof value}, which JSON cannot hold.`);
    count(2);
    const copy: { [key: string]: Json } = {};
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      count(bytesOf(key) + 2);
      // Defined, not assigned: a key called __proto__ is a key like any other.
      Object.defineProperty(copy, key, {
        value: write(member, depth + 1),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return copy;
  };
  return {
    get bytes() {
      return bytes;
    },
    write,
  };
};
