import { expect, it } from 'vitest';
import { fillIn, readService } from './compose-file.ts';

it.each([
  ['${HOST:-postgres}:5432', {}, 'postgres:5432'],
  ['${HOST:-postgres}:5432', { HOST: 'db' }, 'db:5432'],
  ['${HOST:-postgres}', { HOST: '' }, 'postgres'],
  ['$$(cat $${X})', {}, '$(cat ${X})'],
])('fills %s in', (text, settings, expected) => {
  expect(fillIn(text, settings)).toBe(expected);
});

it('refuses a setting without a default, which would be empty without a word', () => {
  expect(() => fillIn('postgres://u:${PASSWORD}@db', {})).toThrow('${PASSWORD}');
});

it('reads a service with what it inherits', () => {
  const { environment, build } = readService('api', { EVERWAVE_URL: 'https://everwave.example.com' });
  expect(build?.target).toBe('api');
  expect(environment).toMatchObject({
    EVERWAVE_URL: 'https://everwave.example.com',
    DATABASE_URL: 'postgres://everwave@postgres:5432/everwave',
    TEMPORAL_ADDRESS: 'temporal:7233',
  });
});
