import type { Json } from '@everwave/schema/flow';
import type * as z from 'zod';
import { implementNode } from '../../../runtime/implement-node.ts';
import { toRecord } from '../../../runtime/safe-json.ts';
import { dataTransform } from './definition.ts';

type JsonObject = Record<string, Json>;

export const transform = implementNode(dataTransform, {
  async run(step, { base, fields, remove }) {
    const value = copyOf(base) as JsonObject;
    for (const [path, item] of Object.entries(fields)) {
      if (!setPath(value, path.split('.'), copyOf(item))) {
        throw step.failure('path_conflict', { message: `"${path}" lies inside a field that is not an object.` });
      }
    }
    for (const path of remove) removePath(value, path.split('.'));
    return { value: value as Record<string, z.core.util.JSONType> };
  },
});

/** A deep copy whose objects have no prototype. */
const copyOf = (value: Json): Json => {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return toRecord(Object.entries(value).map(([key, item]) => [key, copyOf(item)] as const));
};

const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const setPath = (target: JsonObject, path: readonly string[], value: Json): boolean => {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    target[name] = value;
    return true;
  }
  const inner = target[name] ?? (target[name] = toRecord<Json>([]));
  return isObject(inner) && setPath(inner, rest, value);
};

const removePath = (target: JsonObject, path: readonly string[]): void => {
  const [name = '', ...rest] = path;
  const inner = target[name];
  if (rest.length === 0) delete target[name];
  else if (isObject(inner)) removePath(inner, rest);
};
