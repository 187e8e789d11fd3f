import type { NodeManifest } from '@everwave/schema/node';
import { describe, expect, it } from 'vitest';
import { splitInput } from './split-input.ts';

const manifest = {
  input: { properties: { code: { title: 'Code', widget: 'code' }, input: { title: 'Input', widget: 'json' } } },
} as unknown as NodeManifest;

describe('splitInput', () => {
  it('takes programs out of the values, with their titles', () => {
    expect(splitInput({ code: 'return 1', input: { a: 1 }, timeoutSeconds: 5 }, manifest)).toEqual({
      programs: [{ name: 'code', title: 'Code', code: 'return 1' }],
      values: { input: { a: 1 }, timeoutSeconds: 5 },
    });
  });

  it('leaves everything where it is when the kind is not known, or the value is no text', () => {
    expect(splitInput({ code: 'return 1' }, undefined)).toEqual({ programs: [], values: { code: 'return 1' } });
    expect(splitInput({ code: 5, constructor: 'x' }, manifest)).toEqual({
      programs: [],
      values: { code: 5, constructor: 'x' },
    });
  });
});
