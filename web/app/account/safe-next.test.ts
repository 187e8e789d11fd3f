import { describe, expect, it } from 'vitest';
import { safeNext } from './safe-next.ts';

describe('safeNext', () => {
  it('goes back to the page that was asked for', () => {
    expect(safeNext('/runs/run_1?step=send')).toBe('/runs/run_1?step=send');
  });

  it.each([
    null,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '/..//evil.example',
  ])('goes home instead of to %j', (next) => {
    expect(safeNext(next)).toBe('/');
  });
});
