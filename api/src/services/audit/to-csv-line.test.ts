import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCsvLine } from './to-csv-line.ts';

describe('a line of CSV', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\n@x', '＝1'])('has no formula: %j', (text) => {
    expect(toCsvLine([text])).toBe(`"'${text}"\r\n`);
  });

  it('quotes what needs it', () => {
    expect(toCsvLine(['a', 'b,c', 'd"e', 'f\ng', ''])).toBe('a,"b,c","d""e","f\ng",\r\n');
  });

  it('of one cell begins with no sign that a spreadsheet obeys, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', '=', '+', '-', '@', ' ='), (text, sign) => {
        expect(toCsvLine([`${sign}${text}`])).not.toMatch(/^"?\s*[=+\-@]/);
      }),
    );
  });
});
