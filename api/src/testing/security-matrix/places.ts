import type { Json } from '@everwave/schema/flow';
import type { Ids } from '../one-of-everything.ts';

export type Place = readonly (string | number)[];

/** The path of every value in a JSON document, the document's own first. */
export const placesIn = (value: Json, at: Place = []): readonly Place[] => {
  if (typeof value !== 'object' || value === null) return [at];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...members.flatMap(([key, member]) => placesIn(member as Json, [...at, key]))];
};

export const valueAt = (document: Json, place: Place): unknown =>
  place.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], document);

/** A copy of the document with another value in this place, which need not be there yet. */
export const withValue = (document: Json, place: Place, value: Json): Json => {
  const [key, ...rest] = place;
  if (key === undefined) return value;
  const copy = structuredClone(document ?? {}) as Record<string | number, Json>;
  copy[key] = withValue(copy[key] ?? null, rest, value);
  return copy as Json;
};

const prefixOf = (id: unknown): string | null =>
  typeof id === 'string' ? (/^([a-z]+_)[0-9a-f]{32}$/.exec(id)?.[1] ?? null) : null;

/** The ids worth trying in a field: those of its own kind where name or value tell it, else one of each that flows and runs hang on. */
export const idsFor = (name: string, value: unknown, ids: Ids): readonly string[] => {
  const prefix = prefixOf(value);
  const ofItsKind = Object.entries(ids).filter(([kind, id]) => kind === name || (prefix && id.startsWith(prefix)));
  const found =
    ofItsKind.length > 0 ? ofItsKind.map(([, id]) => id) : [ids['connectionId'], ids['flowId'], ids['runId']];
  return [...new Set(found.filter((id) => id !== undefined))];
};

interface JsonSchema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

const looksLikeId = /(^id|Ids?)$/;

/** The places in which a body of this schema may name something by its id, also those that an example leaves out. */
export const idPlacesOf = (
  schema: JsonSchema,
  shapes: Readonly<Record<string, JsonSchema>>,
  at: Place = [],
  above: readonly string[] = [],
): readonly Place[] => {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    const named = shapes[name];
    return named && !above.includes(name) ? idPlacesOf(named, shapes, at, [...above, name]) : [];
  }
  const within = (each: JsonSchema, place: Place) => idPlacesOf(each, shapes, place, above);
  return [
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((each) => within(each, at)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, each]) => [
      ...(looksLikeId.test(name) ? [[...at, name]] : []),
      ...within(each, [...at, name]),
    ]),
    ...(schema.items ? within(schema.items, [...at, 0]) : []),
  ];
};
