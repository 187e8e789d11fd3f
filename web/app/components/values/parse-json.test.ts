import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';

describe('parseJson', () => {
  it('reads any JSON value', () => {
    expect(parseJson('{"a":[1,null]}')).toEqual({ ok: true, value: { a: [1, null] } });
    expect(parseJson(' null ')).toEqual({ ok: true, value: null });
  });

  it('asks for a value when there is none', () => {
    expect(parseJson('  \n')).toMatchObject({ ok: false, line: null });
  });

  it('names the line in which the text stops making sense', () => {
    expect(parseJson('{\n  "a": 1,\n  b: 2\n}')).toMatchObject({ ok: false, line: 3 });
    expect(parseJson('{\n  "a": 1\n')).toMatchObject({ ok: false, line: 3 });
  });
});
