import { CsvError, parse } from 'csv-parse/sync';
import { implementNode } from '../../../runtime/implement-node.ts';
import { toRecord } from '../../../runtime/safe-json.ts';
import { delimiters } from '../delimiters.ts';
import { dataCsvToJson } from './definition.ts';

export const csvToJson = implementNode(dataCsvToJson, {
  async run(step, { csv, delimiter, header, trim, readNumbers }) {
    let rows: string[][];
    try {
      rows = parse(csv, { bom: true, delimiter: delimiters[delimiter], skip_empty_lines: true, trim });
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      throw step.failure('invalid_csv', { message: error.message, cause: error });
    }
    const width = rows[0]?.length ?? 0;
    const columns = uniqueNames((header ? rows.shift() : undefined) ?? [], width);
    const records = rows.map((row) =>
      toRecord(
        columns.map((column, index) => [column, readNumbers ? read(row[index] ?? '') : (row[index] ?? '')] as const),
      ),
    );
    return { records, columns, count: records.length };
  },
});

/** A name for every column: empty ones are numbered, repeated ones get a number behind them. */
const uniqueNames = (names: readonly string[], width: number): string[] => {
  const taken = new Set<string>();
  return Array.from({ length: width }, (_, index) => {
    const wanted = names[index] || `column${index + 1}`;
    let name = wanted;
    for (let count = 2; taken.has(name); count += 1) name = `${wanted}_${count}`;
    taken.add(name);
    return name;
  });
};

const read = (text: string): string | number | boolean => {
  if (text === 'true' || text === 'false') return text === 'true';
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) return text;
  const number = Number(text);
  const digits = text.replace(/e.*$/i, '').replaceAll(/[-.]|^0+/g, '').length;
  return Number.isFinite(number) && digits <= 15 ? number : text;
};
