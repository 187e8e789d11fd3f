import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRows } from './read-rows.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-rows-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const rowsOf = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return readRows(file);
};

it('reads a CSV with quotes, line breaks in cells, inner fields and types', async () => {
  const text =
    'id,customer.name,total:number,paid:boolean\r\n007,"Ada, ""the\n first""",12.5,true\r\n\r\n008,Grace,,false\n';
  expect(await rowsOf('orders.csv', text)).toEqual([
    { id: '007', customer: { name: 'Ada, "the\n first"' }, total: 12.5, paid: true },
    { id: '008', customer: { name: 'Grace' }, total: null, paid: false },
  ]);
});

it('reads JSON and JSON Lines', async () => {
  expect(await rowsOf('a.json', '[{"a":1},{"a":2}]')).toEqual([{ a: 1 }, { a: 2 }]);
  expect(await rowsOf('a.jsonl', '{"a":1}\n\n{"a":2}\n')).toEqual([{ a: 1 }, { a: 2 }]);
});

it.each([
  ['a.csv', 'a,b\n1\n', 'row 1 has 1 cells, and there are 2 columns'],
  ['b.csv', 'a:date\n1\n', 'the column "a:date" should be named'],
  ['c.csv', 'a:number\nmany\n', 'row 1, column a: "many" is no number'],
  ['d.csv', 'a\n"open\n', 'a quoted cell does not end'],
  ['e.json', '{"a":1}', 'it should hold a list of objects'],
  ['f.jsonl', '{"a":', 'JSON'],
])('says where %s is wrong', async (name, text, sentence) => {
  await expect(rowsOf(name, text)).rejects.toThrow(sentence);
});

it('says that there is no such file', async () => {
  await expect(readRows(join(folder, 'nothing.csv'))).rejects.toThrow('cannot be read (ENOENT)');
});
