import { expect, it } from 'vitest';
import { explainFailure } from './explain-failure.mjs';

it.each([
  ['npm error code ENOSPC', 'the disk is full'],
  ['getaddrinfo ENOTFOUND registry.example', 'cannot be reached'],
  ['Error: ERR_PNPM_OUTDATED_LOCKFILE', 'does not match the package.json files'],
  ['npm error code E401', 'refused the request'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate is not trusted'],
  ['npm error code EACCES', 'may not be written'],
])('says in one sentence what %s means', (said, meaning) => {
  const [sentence] = explainFailure('Installing packages', said).split('\n');
  expect(sentence).toContain('Installing packages failed: ');
  expect(sentence).toContain(meaning);
});

it('shows the last words of a failure it does not know', () => {
  expect(explainFailure('Installing packages', 'something new\nhappened')).toBe(
    'Installing packages failed: see what it said last.\n\nsomething new\nhappened',
  );
});
