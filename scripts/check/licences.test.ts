import { expect, it } from 'vitest';
import { findRefusedLicences, type Dependency } from './licences.ts';

const under = (licence: string, name = 'thing'): Dependency => ({
  name,
  version: '1.0.0',
  licence,
  homepage: null,
  text: '',
});

it.each(['MIT', 'Apache-2.0', 'BSD-3-Clause', 'Apache-2.0 AND MIT', '(MIT OR GPL-3.0-only)'])('takes %s', (licence) => {
  expect(findRefusedLicences([under(licence)])).toEqual([]);
});

it.each(['GPL-3.0-only', 'AGPL-3.0', 'MIT AND GPL-3.0-only', 'SSPL-1.0', 'Unknown', 'MPL-2.0'])(
  'refuses %s',
  (licence) => {
    expect(findRefusedLicences([under(licence)])).toEqual([
      `thing@1.0.0 is under ${licence}, which is not on the list of licences.`,
    ]);
  },
);

it('makes an exception for one package under one licence', () => {
  expect(findRefusedLicences([under('MPL-2.0', 'lightningcss')])).toEqual([]);
  expect(findRefusedLicences([under('GPL-3.0-only', 'lightningcss')])).toHaveLength(1);
});
