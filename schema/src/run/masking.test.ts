import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../flow/plan.ts';
import { createMask, findMask, mask, maskedFieldPattern } from './masking.ts';

const order: Json = {
  id: 7,
  email: 'ada@example.com',
  card: { number: '4111', holder: { name: 'Ada' } },
  lines: [
    { sku: 'a', Email: 'b@example.com' },
    { sku: 'b', email: '' },
  ],
};

describe('a mask', () => {
  it('hides a field at any depth, in lists too, whatever its capitals, and leaves an empty one', () => {
    expect(createMask(['email'])(order)).toEqual({
      ...order,
      email: mask,
      lines: [
        { sku: 'a', Email: mask },
        { sku: 'b', email: '' },
      ],
    });
  });

  it.each<[string, Json]>([
    ['card.number', { number: mask, holder: { name: 'Ada' } }],
    ['card', mask],
    ['card.*', { number: mask, holder: mask }],
    ['card.*.name', { number: '4111', holder: { name: mask } }],
    ['number.card', { number: '4111', holder: { name: 'Ada' } }],
    ['ard.number', { number: '4111', holder: { name: 'Ada' } }],
  ])('of %s', (field, card) => {
    expect(createMask([field])(order)).toEqual({ ...(order as object), card });
  });

  it('passes over the items of lists', () => {
    expect(createMask(['people.name'])({ people: [[{ name: 'Ada' }]] })).toEqual({ people: [[{ name: mask }]] });
  });

  it('gives the value itself where there is nothing to hide', () => {
    expect(createMask(['phone'])(order)).toBe(order);
    expect(createMask([])(order)).toBe(order);
  });

  it('leaves nothing of a hidden field, and all the rest as it was', () => {
    const canary = 'canary-9f31';
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string(), { maxLength: 4 }), (inside, way) => {
        const hidden = [...way, 'secret'].reduceRight<Json>((value, name) => ({ [name]: value }), {
          inside,
          canary,
        } as Json);
        const shown = createMask(['secret'])({ hidden, beside: 1 });
        expect(JSON.stringify(shown)).not.toContain(canary);
        expect(shown).toMatchObject({ beside: 1 });
      }),
    );
  });
});

describe('a mask that comes back', () => {
  it('is found, with where', () => {
    expect(findMask({ lines: [{ sku: 'a' }, { email: mask }] })).toBe('lines[1].email');
    expect(findMask(mask)).toBe('');
    expect(findMask(order)).toBeNull();
    expect(findMask(undefined)).toBeNull();
  });
});

describe('the name of a field', () => {
  it.each(['email', 'card.number', '*.name', 'größe', 'x-api-key'])('may be %s', (field) => {
    expect(field).toMatch(maskedFieldPattern);
  });
  it.each(['', '.', 'a.', '.a', 'a b', 'a[0]', 'a**', 'a*'])('may not be "%s"', (field) => {
    expect(field).not.toMatch(maskedFieldPattern);
  });
});
