import { describe, expect, it } from 'vitest';
import { toMergePatch } from './to-merge-patch.ts';

const schema = {
  type: 'object',
  properties: {
    to: { type: 'string' },
    text: { type: 'string' },
    cc: { type: 'string' },
    timeoutSeconds: { type: 'integer', default: 30 },
    isUrgent: { type: 'boolean' },
    headers: { type: 'object' },
  },
  required: ['to', 'text'],
};
const before = { to: 'ada@example.com', text: 'Hello', cc: 'bob@example.com', headers: { a: '1' } };
/** What the form gives back when nobody touched it: defaults are shown, so they come with it. */
const untouched = { ...before, timeoutSeconds: 30, isUrgent: false };

describe('the patch of an edit', () => {
  it('is empty when nothing was changed, although the form shows defaults', () => {
    expect(toMergePatch(schema, before, untouched)).toEqual({});
  });

  it('holds only what was changed, so that every letter keeps the rest of its own', () => {
    expect(toMergePatch(schema, before, { ...untouched, text: 'Sorry', timeoutSeconds: 60, isUrgent: true })).toEqual({
      text: 'Sorry',
      timeoutSeconds: 60,
      isUrgent: true,
    });
  });

  it('removes what was emptied, and takes an object whole', () => {
    const { cc: _, ...rest } = untouched;
    expect(toMergePatch(schema, before, { ...rest, headers: { b: '2' } })).toEqual({ cc: null, headers: { b: '2' } });
  });

  it('takes everything for a letter without an input', () => {
    expect(toMergePatch(schema, undefined, { to: 'x', text: 'y' })).toEqual({ to: 'x', text: 'y' });
  });
});
