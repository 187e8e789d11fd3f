import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { UsageError } from './command.ts';
import { parseCsv } from './parse-csv.ts';

export type Row = Readonly<Record<string, unknown>>;

/**
 * Rows of a CSV, JSON (an array) or JSON Lines file. A CSV's first line names the fields: `customer.name` is a field inside
 * `customer`; `total:number` and `paid:boolean` say what a text stands for.
 */
export const readRows = async (file: string): Promise<readonly Row[]> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be read (${error.code}).`, { cause: error });
  });
  try {
    if (extname(file) === '.csv') return fromCsv(text);
    const values =
      extname(file) === '.jsonl'
        ? text
            .split('\n')
            .filter((line) => line.trim() !== '')
            .map((line) => JSON.parse(line) as unknown)
        : (JSON.parse(text) as unknown);
    if (Array.isArray(values) && values.every(isRow)) return values;
    throw new Error('it should hold a list of objects');
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`, { cause: error });
  }
};

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

const fromCsv = (text: string): Row[] => {
  const [head = [], ...lines] = parseCsv(text);
  const fields = head.map((name) => {
    const [path = '', type = 'text'] = name.trim().split(':');
    if (path === '' || !['text', 'number', 'boolean'].includes(type)) {
      throw new Error(`the column "${name}" should be named name, name:number or name:boolean`);
    }
    return { path: path.split('.'), type };
  });
  return lines.map((cells, index) => {
    if (cells.length !== fields.length) {
      throw new Error(`row ${index + 1} has ${cells.length} cells, and there are ${fields.length} columns`);
    }
    const row: Record<string, unknown> = {};
    for (const [at, { path, type }] of fields.entries()) {
      put(row, path, toValue(cells[at] ?? '', type, `row ${index + 1}, column ${path.join('.')}`));
    }
    return row;
  });
};

const toValue = (cell: string, type: string, place: string): unknown => {
  if (type === 'text') return cell;
  if (cell === '') return null;
  if (type === 'boolean' && ['true', 'false'].includes(cell)) return cell === 'true';
  if (type === 'number' && Number.isFinite(Number(cell))) return Number(cell);
  throw new Error(`${place}: ${JSON.stringify(cell)} is no ${type}`);
};

const put = (row: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void => {
  if (rest.length === 0) {
    row[name] = value;
    return;
  }
  const inner = (row[name] ?? {}) as Record<string, unknown>;
  row[name] = inner;
  put(inner, rest, value);
};
