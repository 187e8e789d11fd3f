import { stringify } from 'csv-stringify/sync';
import type { Json } from '@everwave/schema/flow';
import { implementNode } from '../../../runtime/implement-node.ts';
import { delimiters } from '../delimiters.ts';
import { dataJsonToCsv } from './definition.ts';

export const jsonToCsv = implementNode(dataJsonToCsv, {
  async run(_step, { records, columns, delimiter, header, formulas }) {
    const names = columns.length > 0 ? columns : [...new Set(records.flatMap((record) => Object.keys(record)))];
    const rows = records.map((record) =>
      names.map((name) => toCell(Object.hasOwn(record, name) ? record[name] : null)),
    );
    // Numbers are written by us: a minus before a number is no formula.
    const csv = stringify(header ? [names, ...rows] : rows, {
      delimiter: delimiters[delimiter],
      escape_formulas: formulas === 'escape',
      cast: { number: (value) => ({ value: String(value), escape_formulas: false }) },
    });
    return { csv, count: records.length };
  },
});

/** Numbers stay numbers; objects and lists are written as JSON; nothing is an empty cell. */
const toCell = (value: Json | undefined): string | number => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'string') return value;
  return JSON.stringify(value);
};
