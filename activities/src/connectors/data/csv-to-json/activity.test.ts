import { describe, expect, it, onTestFinished } from 'vitest';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { createNodeHarness } from '../../../testing/run-node.ts';
import { csvToJson } from './activity.ts';

const run = (input: Parameters<ReturnType<typeof createNodeHarness>['run']>[0]) => {
  const node = createNodeHarness(csvToJson);
  onTestFinished(() => node.close());
  return node.run(input);
};

provesEveryFailure(csvToJson);

describe('data.csvToJson', () => {
  it('reads quotes, line breaks within them, and a byte order mark', async () => {
    const csv = '\ufeffname,note\r\n"Ada, Countess","line 1\nline ""2"""\r\n\r\nGrace, spaces \r\n';
    expect(await run({ csv })).toEqual({
      ok: true,
      output: {
        records: [
          { name: 'Ada, Countess', note: 'line 1\nline "2"' },
          { name: 'Grace', note: 'spaces' },
        ],
        columns: ['name', 'note'],
        count: 2,
      },
    });
  });

  it.each([
    ['semicolon', 'a;b\n1;2'],
    ['tab', 'a\tb\n1\t2'],
    ['pipe', 'a|b\n1|2'],
  ])('reads values separated by %s', async (delimiter, csv) => {
    expect(await run({ csv, delimiter })).toMatchObject({ output: { records: [{ a: '1', b: '2' }] } });
  });

  it('names columns without a header, and makes names unique', async () => {
    expect(await run({ csv: '1,2', header: false })).toMatchObject({
      output: { records: [{ column1: '1', column2: '2' }] },
    });
    expect(await run({ csv: 'a,a,,a\n1,2,3,4' })).toMatchObject({
      output: { columns: ['a', 'a_2', 'column3', 'a_3'], records: [{ a: '1', a_2: '2', column3: '3', a_3: '4' }] },
    });
  });

  it('reads only numbers that keep every digit', async () => {
    const csv = 'a,b,c,d,e,f\n1.5,007,12345678901234567890,true,-0.25,1e3';
    expect(await run({ csv, readNumbers: true })).toMatchObject({
      output: { records: [{ a: 1.5, b: '007', c: '12345678901234567890', d: true, e: -0.25, f: 1000 }] },
    });
  });

  it('gives nothing for nothing', async () => {
    expect(await run({ csv: '' })).toEqual({ ok: true, output: { records: [], columns: [], count: 0 } });
    expect(await run({ csv: 'a,b' })).toEqual({ ok: true, output: { records: [], columns: ['a', 'b'], count: 0 } });
  });

  it.each([
    ['a,b\n1,2,3', /Invalid Record Length.*line 2/],
    ['a,b\n"1,2', /Quote Not Closed/],
  ])('names the line of bad CSV (%#)', async (csv, message) => {
    expect(await run({ csv })).toMatchObject({
      type: 'invalid_csv',
      retryable: false,
      message: expect.stringMatching(message) as string,
    });
  });

  it('cannot reach a prototype through a column', async () => {
    const ending = await run({ csv: '__proto__,constructor,a\nx,y,z' });
    expect(ending).toMatchObject({ ok: true });
    expect(JSON.stringify(ending)).toContain('"constructor":"y"');
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});
