import { describe, expect, it } from 'vitest';
import { collectOf } from './collect-of.ts';
import { aFlow, manifests } from './testing/a-flow.ts';
import { validateFlow } from './validate.ts';

const codesOf = (input: object) =>
  validateFlow(
    aFlow({ hook: { kind: 'trigger.webhook', input } as never, after: { kind: 'web.fetch' } }, ['hook > after']),
    manifests,
  ).map(({ code, field }) => `${code}@${field}`);
const debounce = { quietPeriod: '10s', maximumWait: '1m' };
const batch = { size: 10, maximumWait: '1m' };

describe('a webhook that gathers deliveries', () => {
  it('is valid, with a key over the delivery', () => {
    expect(codesOf({ debounce })).toEqual([]);
    expect(codesOf({ debounce: { ...debounce, key: '{{ trigger.body.orderId }}', payloads: 'all' } })).toEqual([]);
    expect(codesOf({ batch: { ...batch, key: '{{ trigger.body.customer }}' } })).toEqual([]);
  });

  it.each<[string, object, string[]]>([
    ['two ways at once', { debounce, batch }, ['collects_twice@batch']],
    ['a caller who waits', { debounce, answer: 'result' }, ['answers_many@answer']],
    [
      'a quiet period beyond the wait',
      { debounce: { ...debounce, quietPeriod: '2m' } },
      ['setting_out_of_bounds@debounce.quietPeriod'],
    ],
    ['a wait without end', { batch: { ...batch, maximumWait: '30d' } }, ['setting_out_of_bounds@batch.maximumWait']],
    [
      'no quiet at all',
      { debounce: { ...debounce, quietPeriod: '1ms' } },
      ['setting_out_of_bounds@debounce.quietPeriod'],
    ],
    ['a batch of one', { batch: { ...batch, size: 1 } }, ['invalid_value@batch.size']],
    ['no time', { batch: { size: 3 } }, ['missing_field@batch.maximumWait']],
    ['a typo', { batch: { ...batch, sise: 3 } }, ['unknown_field@batch.sise']],
    ['a broken key', { batch: { ...batch, key: '{{ trigger. }}' } }, ['bad_expression@batch.key']],
    ['a key over a step', { batch: { ...batch, key: '{{ steps.after.output }}' } }, ['step_not_before@batch.key']],
  ])('is refused with %s', (_what, input, codes) => {
    expect(codesOf(input)).toEqual(codes);
  });

  it('says how, in one shape', () => {
    expect(collectOf({ input: {} })).toBeNull();
    expect(collectOf({ input: { debounce } })).toEqual({
      key: null,
      quietPeriod: 10_000,
      maximumWait: 60_000,
      size: 500,
      payloads: 'last',
    });
    expect(collectOf({ input: { batch: { ...batch, key: 'x' } } })).toEqual({
      key: 'x',
      quietPeriod: null,
      maximumWait: 60_000,
      size: 10,
      payloads: 'all',
    });
  });
});
