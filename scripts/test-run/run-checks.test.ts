import { expect, it } from 'vitest';
import { tallyChecks } from './run-checks.ts';

it('counts each check by its mark', () => {
  const shown = '✓ format (1.0 s)\n✗ lint (2.5 s)\n\n  x something\n\n✓ types (3.0 s)\n\n1 of 3 checks failed\n';
  expect(tallyChecks(shown, 1)).toEqual({ passed: 2, failed: 1, skipped: 0, problems: ['check: lint'], failures: [] });
});

it('does not take silence for success', () => {
  expect(tallyChecks('', 0)).toMatchObject({ passed: 0, failed: 1 });
  expect(tallyChecks('✓ format (1.0 s)\n', 1)).toMatchObject({ failed: 1 });
});
