import type { JsonSchema } from '@everwave/schema/node';

/** One question of a form, read from a JSON Schema's property. */
export interface FormField {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly placeholder: string | null;
  readonly kind: 'text' | 'date' | 'number' | 'switch' | 'choice' | 'json';
  readonly choices: readonly string[];
  readonly isRequired: boolean;
  readonly fallback: string | null;
  readonly isWhole: boolean;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly maxLength: number | null;
}

const record = (value: unknown): { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null ? (value as { readonly [key: string]: unknown }) : {};

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** `botToken` → `Bot token`, for a field that has no title. */
export const titleOf = (name: string): string => {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const kindOf = (property: { readonly [key: string]: unknown }): FormField['kind'] => {
  if (Array.isArray(property['enum'])) return 'choice';
  switch (property['type']) {
    case 'string':
      return property['format'] === 'date' ? 'date' : 'text';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'switch';
    default:
      return 'json';
  }
};

/** The questions that an object schema asks, in its own order. A field with a default need not be answered. */
export const toFormFields = (schema: JsonSchema): readonly FormField[] => {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  return Object.entries(record(schema['properties'])).map(([name, value]) => {
    const property = record(value);
    const fallback = property['default'];
    return {
      name,
      title: text(property['title']) ?? titleOf(name),
      description: text(property['description']),
      placeholder: text(property['placeholder']),
      kind: kindOf(property),
      choices: Array.isArray(property['enum']) ? property['enum'].map(String) : [],
      isRequired: required.has(name) && fallback === undefined,
      fallback: fallback === undefined ? null : typeof fallback === 'string' ? fallback : JSON.stringify(fallback),
      isWhole: property['type'] === 'integer',
      minimum: number(property['minimum']),
      maximum: number(property['maximum']),
      maxLength: number(property['maxLength']),
    };
  });
};
