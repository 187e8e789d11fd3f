import { describe, expect, it } from 'vitest';
import { toExpressionPath } from './value-path.ts';
import { isMoment, tableColumnsOf } from './value-shape.ts';

describe('toExpressionPath', () => {
  it('writes names with dots and items with brackets', () => {
    expect(toExpressionPath('steps.customer.output', ['body', 'tags', 0])).toBe('steps.customer.output.body.tags[0]');
  });

  it('quotes a name that is no identifier', () => {
    expect(toExpressionPath('trigger', ['headers', 'content-type'])).toBe('trigger.headers.`content-type`');
    expect(toExpressionPath('output', ['a`b'])).toBe('output.`ab`');
  });
});

describe('tableColumnsOf', () => {
  it('sees a table in a list of flat objects, with the columns of all rows', () => {
    expect(tableColumnsOf([{ a: 1 }, { a: 2, b: 'x' }])).toEqual(['a', 'b']);
  });

  it('sees none in a single row, in nested rows, in mixed lists, and in very wide ones', () => {
    expect(tableColumnsOf([{ a: 1 }])).toBeNull();
    expect(tableColumnsOf([{ a: { b: 1 } }, { a: 1 }])).toBeNull();
    expect(tableColumnsOf([{ a: 1 }, 2])).toBeNull();
    expect(tableColumnsOf([{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1 }, {}])).toBeNull();
  });
});

describe('isMoment', () => {
  it('tells a moment from a text that looks like one', () => {
    expect(isMoment('2026-11-21T12:00:00.000Z')).toBe(true);
    expect(isMoment('2026-11-21T12:00:00+01:00')).toBe(true);
    expect(isMoment('2026-13-41T12:00:00Z')).toBe(false);
    expect(isMoment('2026-11-21')).toBe(false);
  });
});
