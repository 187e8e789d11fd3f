import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { operations } from '../routes/operations.ts';
import { examples } from './examples.ts';

/** Streams have events instead of a body; values are sealed by the API and the CLI alone, so nothing is answered. */
const withoutResponse = new Set(['watchRuns', 'watchRun', 'encodePayloads']);

interface Part {
  readonly content?: { readonly 'application/json'?: { readonly schema: unknown } };
}
const schemaIn = (part: Part | undefined): z.ZodType | null => {
  const schema = part?.content?.['application/json']?.schema;
  return schema instanceof z.ZodType ? schema : null;
};

const rows = operations.map(({ route }) => {
  const request = ('request' in route ? route.request : {}) as { readonly body?: Part };
  const success = Object.entries(route.responses).find(([status]) => Number(status) < 300);
  return {
    operationId: route.operationId,
    request: schemaIn(request.body),
    isOptional: (request.body as { required?: boolean } | undefined)?.required === false,
    response: schemaIn(success?.[1] as Part | undefined),
  };
});

describe('every operation has an example of what goes in and comes out, which fits its schema', () => {
  it.each(rows)('$operationId', ({ operationId, request, isOptional, response }) => {
    const example = examples[operationId];
    if (request !== null && !(isOptional && example?.request === undefined)) {
      expect(request.safeParse(example?.request).error?.issues ?? []).toEqual([]);
      expect(example?.request).toBeDefined();
    }
    if (response !== null && !withoutResponse.has(operationId)) {
      expect(example?.response).toBeDefined();
      expect(response.safeParse(example?.response).error?.issues ?? []).toEqual([]);
    }
  });

  it('and no example belongs to an operation that is gone', () => {
    const known = new Set(rows.map(({ operationId }) => operationId));
    expect(Object.keys(examples).filter((name) => !known.has(name))).toEqual([]);
  });

  it('and none holds a secret', () => {
    expect(JSON.stringify(examples)).not.toMatch(/ew_[A-Za-z0-9]{20}|tok_live|xox[bp]-/);
  });
});
