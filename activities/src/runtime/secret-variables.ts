import { type Json, secretPlaceholder } from '@everwave/schema/flow';
import type { ActivityInput } from '@everwave/schema/run';
import { CommonFailure } from './node-errors.ts';
import type { ActivityDependencies } from './ports.ts';

/** The secret variables that a step's author has put into its input, by name. They live for one attempt. */
export const findSecretVariables = async (
  { variables }: Pick<ActivityDependencies, 'variables'>,
  { orgId, secrets = [] }: Pick<ActivityInput, 'orgId' | 'secrets'>,
): Promise<Readonly<Record<string, string>>> => {
  const names = [...new Set(secrets.flatMap((place) => place.names))];
  const found = names.map(async (name): Promise<[string, string]> => {
    const value = await variables.find(orgId, name);
    if (value === undefined) throw new CommonFailure('variable_missing', `The variable ${name} does not exist.`);
    return [name, typeof value === 'string' ? value : JSON.stringify(value)];
  });
  return Object.fromEntries(await Promise.all(found));
};

/**
 * The input with its secrets. They are put where the author's own text had their names, and nowhere else: what looks the
 * same in a value that came from outside stays as it is.
 */
export const withSecretVariables = (
  input: Json,
  secrets: ActivityInput['secrets'],
  values: Readonly<Record<string, string>>,
): Json =>
  (secrets ?? []).reduce((whole, { path, names }) => changeAt(whole, path, (text) => fill(text, names, values)), input);

/** In one pass: a secret that looks like the name of another is not one. */
const fill = (text: string, names: readonly string[], values: Readonly<Record<string, string>>): string => {
  const [name, ...others] = names;
  if (name === undefined) return text;
  return text
    .split(secretPlaceholder(name))
    .map((part) => fill(part, others, values))
    .join(values[name]);
};

/** What a person has edited may no longer have the place: then there is nothing to change. */
const changeAt = (
  value: Json,
  [key, ...rest]: readonly (string | number)[],
  change: (text: string) => string,
): Json => {
  if (key === undefined) return typeof value === 'string' ? change(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => (index === key ? changeAt(item, rest, change) : item));
  }
  const members = Object.entries(value);
  return Object.fromEntries(members.map(([name, item]) => [name, name === key ? changeAt(item, rest, change) : item]));
};
