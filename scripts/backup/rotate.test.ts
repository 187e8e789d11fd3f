import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { backupName, rotate } from './rotate.ts';

it('keeps the newest backups of a kind and touches nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'everwave-rotate-'));
  const days = [19, 20, 21, 22].map((day) => backupName('everwave', new Date(Date.UTC(2026, 10, day, 3))));
  const others = [
    backupName('before-upgrade', new Date(0)),
    'everwave-2026.backup',
    'everwave-2026-11-01T03-00-00Z.backup.partial',
    'notes.txt',
  ];
  for (const name of [...days, ...others]) writeFileSync(join(folder, name), '');
  expect(days[0]).toBe('everwave-2026-11-19T03-00-00Z.backup');
  expect(rotate(folder, 'everwave', 2)).toEqual([days[1], days[0]]);
  expect(new Set(readdirSync(folder))).toEqual(new Set([...others, days[2], days[3]]));
  expect(rotate(folder, 'everwave', 2)).toEqual([]);
  rmSync(folder, { recursive: true });
});
