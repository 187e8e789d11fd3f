import { mask } from '@everwave/schema/run';
import { describe, expect, it } from 'vitest';
import { patchBetween } from './patch-between.ts';
import { toRepairRequest } from './repairs.ts';

const before = { to: { email: mask, name: 'Ada' }, text: 'Hello', lines: [1, 2], note: 'x' };

describe('what a person changed', () => {
  it('is a patch of those fields alone', () => {
    const after = { to: { email: mask, name: 'Grace' }, text: 'Hello', lines: [1], more: true };
    expect(patchBetween(before, after)).toEqual({ to: { name: 'Grace' }, lines: [1], note: null, more: true });
    expect(patchBetween(before, before)).toEqual({});
    expect(patchBetween([1], { a: 1 })).toBeNull();
    expect(patchBetween(undefined, { a: 1 })).toBeNull();
  });
});

describe('a retry with another input', () => {
  const after = { ...before, text: 'Hello again' };

  it('sends what was changed where something of the input is masked, and else the input', () => {
    expect(toRepairRequest('retryWithInput', 'send', after, 'r1', before)).toEqual({
      action: 'retryStep',
      path: 'send',
      edit: { text: 'Hello again' },
      requestId: 'r1',
    });
    expect(toRepairRequest('retryWithInput', 'send', { a: 2 }, 'r1', { a: 1 })).toMatchObject({ input: { a: 2 } });
  });
});
