import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { createNodeHarness } from '../../../testing/run-node.ts';
import { csvToJson } from '../csv-to-json/activity.ts';
import { jsonToCsv } from './activity.ts';

const run = async (input: Parameters<ReturnType<typeof createNodeHarness>['run']>[0]) => {
  const node = createNodeHarness(jsonToCsv);
  onTestFinished(() => node.close());
  return node.run(input);
};

provesEveryFailure(jsonToCsv);

describe('data.jsonToCsv', () => {
  it('writes every field that appears, quoting what needs it', async () => {
    const records = [
      { id: 1, name: 'Ada, Countess', tags: ['a'] },
      { id: 2, ok: true, name: 'say "hi"\nbye', empty: null },
    ];
    expect(await run({ records })).toEqual({
      ok: true,
      output: {
        csv: 'id,name,tags,ok,empty\n1,"Ada, Countess","[""a""]",,\n2,"say ""hi""\nbye",,true,\n',
        count: 2,
      },
    });
  });

  it('writes the named columns in their order, with another separator, without a header', async () => {
    const input = {
      records: [{ a: 1, b: 2, c: 3 }],
      columns: ['c', 'a', 'missing'],
      delimiter: 'semicolon',
      header: false,
    };
    expect(await run(input)).toMatchObject({ output: { csv: '3;1;\n' } });
  });

  it.each(['=1+1', '+1', '-cmd', '@sum', '\tx', '\rx'])('takes the edge off the formula %j', async (formula) => {
    const escaped = await run({ records: [{ a: formula }], header: false });
    expect(escaped.ok && (escaped.output as { csv: string }).csv).toMatch(/^"?'/);
    const kept = await run({ records: [{ a: formula }], header: false, formulas: 'keep' });
    expect(kept.ok && (kept.output as { csv: string }).csv).not.toContain("'");
  });

  it('does not take negative numbers for formulas, but does take names', async () => {
    expect(await run({ records: [{ '=a': -5 }] })).toMatchObject({ output: { csv: "'=a\n-5\n" } });
  });

  it('writes what csvToJson reads back', async () => {
    const writer = createNodeHarness(jsonToCsv);
    const reader = createNodeHarness(csvToJson);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ a: fc.string({ minLength: 1 }), b: fc.string() }), { minLength: 1 }),
        async (records) => {
          const written = await writer.run({ records, formulas: 'keep' });
          if (!written.ok) throw written.error;
          const { csv } = written.output as { csv: string };
          // An empty line is no record to any reader, so a is never empty.
          expect(await reader.run({ csv, trim: false })).toMatchObject({ ok: true, output: { records } });
        },
      ),
      { numRuns: 100 },
    );
    await Promise.all([writer.close(), reader.close()]);
  });

  it('names the field of a bad input', async () => {
    expect(await run({ records: [1] })).toMatchObject({
      type: 'invalid_input',
      retryable: false,
      message: expect.stringContaining('records.0: ') as string,
    });
  });
});
