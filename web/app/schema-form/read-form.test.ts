import type { JsonSchema } from '@everwave/schema/node';
import { describe, expect, it } from 'vitest';
import { toFormFields } from './form-fields.ts';
import { readForm } from './read-form.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    host: { type: 'string', title: 'Host' },
    port: { type: 'integer', title: 'Port', default: 587, minimum: 1, maximum: 65_535 },
    security: { type: 'string', enum: ['starttls', 'tls'], default: 'starttls' },
    isTrusted: { type: 'boolean' },
    headers: { type: 'object', title: 'Headers' },
    userName: { type: 'string' },
    since: { type: 'string', format: 'date' },
  },
  required: ['host', 'port', 'security'],
};

const formOf = (fields: Record<string, string>): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(`settings.${name}`, value);
  return form;
};

describe('toFormFields', () => {
  it('asks in the schema’s order, with words of its own where a title is missing', () => {
    expect(toFormFields(schema).map(({ title, kind }) => [title, kind])).toEqual([
      ['Host', 'text'],
      ['Port', 'number'],
      ['Security', 'choice'],
      ['Is trusted', 'switch'],
      ['Headers', 'json'],
      ['User name', 'text'],
      ['Since', 'date'],
    ]);
  });

  it('requires only what has no default', () => {
    expect(
      toFormFields(schema)
        .filter((field) => field.isRequired)
        .map((field) => field.name),
    ).toEqual(['host']);
  });

  it('asks nothing for a schema without properties', () => {
    expect(toFormFields({ type: 'object' })).toEqual([]);
  });
});

describe('readForm', () => {
  it('turns text into the types the schema names, and leaves empty fields to their defaults', () => {
    const form = formOf({
      host: 'smtp.example.com',
      port: '465',
      security: '',
      headers: '{"a":1}',
      isTrusted: 'true',
      userName: '',
      since: '2026-12-24',
    });
    expect(readForm(schema, form, 'settings')).toEqual({
      ok: true,
      value: { host: 'smtp.example.com', port: 465, isTrusted: true, headers: { a: 1 }, since: '2026-12-24' },
    });
  });

  it('keeps every character of a secret', () => {
    const secret: JsonSchema = { properties: { password: { type: 'string' } }, required: ['password'] };
    const form = new FormData();
    form.set('secret.password', '  two spaces  ');
    expect(readForm(secret, form, 'secret')).toEqual({ ok: true, value: { password: '  two spaces  ' } });
  });

  it('says of every wrong field what it wants', () => {
    const form = formOf({ host: '', port: 'many', security: 'rot13', headers: '{' });
    const read = readForm(schema, form, 'settings');
    expect(read.ok).toBe(false);
    expect(read.ok ? [] : read.errors.map((error) => error.path)).toEqual([
      'settings.host',
      'settings.port',
      'settings.security',
      'settings.headers',
    ]);
  });

  it('takes no file for a value', () => {
    const form = formOf({});
    form.set('settings.host', new Blob(['x']), 'host.txt');
    expect(readForm(schema, form, 'settings').ok).toBe(false);
  });
});
