import { describe, expect, it } from 'vitest';
import { type ApprovalField, checkFormValues, toFormSchema } from './approval-form.ts';

const fields: readonly ApprovalField[] = [
  { name: 'reason', title: 'Reason', type: 'text', required: true },
  { name: 'amount', type: 'number' },
  { name: 'urgent', type: 'boolean' },
  { name: 'channel', type: 'choice', choices: ['post', 'mail'] },
  { name: 'by', type: 'date' },
];
const codes = (values: object) =>
  checkFormValues(fields, { reason: 'x', ...values }, true).map(({ path, code }) => `${path}: ${code}`);

it('is written as JSON Schema for pages', () => {
  expect(toFormSchema(fields)).toEqual({
    type: 'object',
    properties: {
      reason: { title: 'Reason', type: 'string', maxLength: 10_000 },
      amount: { title: 'amount', type: 'number' },
      urgent: { title: 'urgent', type: 'boolean' },
      channel: { title: 'channel', type: 'string', enum: ['post', 'mail'] },
      by: { title: 'by', type: 'string', format: 'date' },
    },
    required: ['reason'],
    additionalProperties: false,
  });
});

describe('values', () => {
  it.each([{ amount: 1.5, urgent: false, channel: 'mail', by: '2028-02-29' }, { amount: null, channel: '' }, {}])(
    'are taken: %j',
    (values) => {
      expect(codes(values)).toEqual([]);
    },
  );

  it.each([
    [{ reason: '' }, 'reason: missing_field'],
    [{ reason: 7 }, 'reason: wrong_type'],
    [{ reason: 'x'.repeat(10_001) }, 'reason: invalid_value'],
    [{ amount: '1' }, 'amount: wrong_type'],
    [{ urgent: 'yes' }, 'urgent: wrong_type'],
    [{ channel: 'fax' }, 'channel: invalid_value'],
    [{ by: '2026-02-29' }, 'by: invalid_value'],
    [{ by: 'tomorrow' }, 'by: invalid_value'],
    [{ by: '2026-13-01' }, 'by: invalid_value'],
    [JSON.parse('{"__proto__": 1}') as object, '__proto__: unknown_field'],
  ])('are refused: %j', (values, problem) => {
    const given = Object.assign(Object.create(null) as object, { reason: 'x' });
    for (const [name, value] of Object.entries(values)) Object.defineProperty(given, name, { value, enumerable: true });
    expect(checkFormValues(fields, given as never, true).map(({ path, code }) => `${path}: ${code}`)).toEqual([
      problem,
    ]);
  });

  it('that are needed may be missing where not all is asked for', () => {
    expect(checkFormValues(fields, {}, false)).toEqual([]);
  });
});
