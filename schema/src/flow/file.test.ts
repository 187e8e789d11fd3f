import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileLimits, fileSchema, toFileName, toMediaType } from './file.ts';

const sha256 = 'a'.repeat(64);
const file = { ref: `blob:${sha256}`, name: 'bill.pdf', mediaType: 'application/pdf', bytes: 3, sha256 };

describe('a file as a value', () => {
  it('has a name, a media type, a size and a reference', () => {
    expect(fileSchema.parse(file)).toEqual(file);
  });

  it.each([
    ['a reference to other content', { ref: `blob:${'b'.repeat(64)}` }],
    ['more than a file can have', { bytes: fileLimits.bytes + 1 }],
    ['no media type', { mediaType: 'pdf' }],
    ['a line break in its media type', { mediaType: 'text/csv; a\r\nx: y' }],
    ['no name', { name: '' }],
    ['a field of its own', { path: '/etc/passwd' }],
  ])('has not %s', (_what, change) => {
    expect(fileSchema.safeParse({ ...file, ...change }).success).toBe(false);
  });
});

describe('the name of a file', () => {
  it.each([
    ['bill.pdf', 'bill.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\Ada\\bill 7.pdf', 'bill 7.pdf'],
    ['bill\u202Efdp.exe', 'billfdp.exe'],
    ['a\r\nSet-Cookie: b', 'aSet-Cookie_ b'],
    ['...', 'file'],
    ['', 'file'],
    ['Rechnung für Zoë.pdf', 'Rechnung für Zoë.pdf'],
  ])('%j becomes %j', (proposed, expected) => {
    expect(toFileName(proposed)).toBe(expected);
  });

  it('is cut before its ending', () => {
    const name = toFileName(`${'é'.repeat(300)}.csv`);
    expect(name).toHaveLength(fileLimits.name);
    expect(name).toMatch(/é\.csv$/);
  });

  it('is always one that a file value takes, and stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (proposed) => {
        const name = toFileName(proposed);
        expect(fileSchema.safeParse({ ...file, name }).success).toBe(true);
        expect(name).not.toMatch(/[\p{Cc}/\\"]/u);
        expect(() => encodeURIComponent(name)).not.toThrow();
      }),
    );
  });
});

it('a media type is what the service says, where that is one', () => {
  expect(toMediaType('text/csv; charset=utf-8')).toBe('text/csv; charset=utf-8');
  for (const wrong of [null, undefined, '', 'pdf', 'text/html\r\nx: y', `text/${'x'.repeat(300)}`]) {
    expect(toMediaType(wrong)).toBe('application/octet-stream');
  }
});
