import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemMediaType, problemSchema } from '@everwave/schema/api';
import { operations } from '../routes/operations.ts';
import { ownRefusals, refusalsOf } from './refusals.ts';
import { callWith, createTestApi, type TestApi } from '../testing/test-api.ts';

const committed = fileURLToPath(new URL('../../openapi.json', import.meta.url));

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

interface Operation {
  operationId: string;
  responses: Record<string, unknown>;
  tags: string[];
  parameters?: { name: string; in: string; required?: boolean }[];
  security?: Record<string, unknown>[];
  'x-permission': string;
}
interface Document {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, unknown>;
    securitySchemes: Record<string, unknown>;
    examples: Record<string, { value: unknown }>;
  };
}
const served = async (): Promise<Document> => (await callWith(api.app)('GET /openapi.json')).body;

describe('the document', () => {
  it('is the committed one; after a wanted change run `pnpm --filter @everwave/api openapi`', async () => {
    expect(await served()).toEqual(JSON.parse(readFileSync(committed, 'utf8')));
  });

  it('is OpenAPI 3.1.0 of the Everwave API 1.0.0 and lists every operation once', async () => {
    const { openapi, info, paths } = await served();
    expect([openapi, info.title, info.version]).toEqual(['3.1.0', 'Everwave API', '1.0.0']);
    const listed = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(listed.toSorted()).toEqual(operations.map(({ route }) => route.operationId).toSorted());
    expect(new Set(listed).size).toBe(listed.length);
  });

  it('versions every path under /v1 but codec and health', async () => {
    const others = Object.keys((await served()).paths).filter((path) => !path.startsWith('/v1/'));
    expect(others.toSorted()).toEqual(['/codec/decode', '/codec/encode', '/healthz', '/readyz']);
  });

  it('refers only to shapes it holds', async () => {
    const document = await served();
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((name) => !(String(name) in document.components.schemas))).toEqual([]);
  });

  it('declares each parameter of a path, and no other', async () => {
    for (const [path, methods] of Object.entries((await served()).paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { operationId, parameters = [] } of Object.values(methods)) {
        const declared = parameters.filter((parameter) => parameter.in === 'path');
        expect([operationId, new Set(declared.map(({ name }) => name))]).toEqual([operationId, new Set(named)]);
        expect(declared.every(({ required }) => required === true)).toBe(true);
      }
    }
  });

  it('says for each operation who may call it, and how they show who they are', async () => {
    const document = await served();
    const schemes = Object.keys(document.components.securitySchemes);
    for (const methods of Object.values(document.paths)) {
      for (const { operationId, security, ...operation } of Object.values(methods)) {
        const ways = { public: 0, signedIn: 1, instanceAdministrator: 1 }[operation['x-permission']] ?? 2;
        expect([operationId, security?.length]).toEqual([operationId, ways]);
        expect((security ?? []).flatMap((each) => Object.keys(each)).every((name) => schemes.includes(name))).toBe(
          true,
        );
        expect(Object.keys(operation.responses).some((status) => Number(status) < 400)).toBe(true);
      }
    }
  });

  it('lists for each operation the codes with which it refuses, with an example of each', async () => {
    expect(Object.keys(ownRefusals).toSorted()).toEqual(operations.map(({ route }) => route.operationId).toSorted());
    const { paths, components } = await served();
    for (const methods of Object.values(paths)) {
      for (const { operationId, responses } of Object.values(methods)) {
        const route = operations.find((each) => each.route.operationId === operationId)?.route;
        const codes = Object.entries(responses).flatMap(([status, response]) => {
          const problem = (response as { content?: Record<string, { examples?: Record<string, { $ref: string }> }> })
            .content?.[problemMediaType];
          return Object.entries(problem?.examples ?? {}).map(([code, { $ref }]) => {
            expect($ref).toBe(`#/components/examples/${code}`);
            expect(problemSchema.parse(components.examples[code]?.value)).toMatchObject({
              code,
              status: Number(status),
            });
            return code;
          });
        });
        expect([operationId, codes.toSorted()]).toEqual([operationId, route ? [...refusalsOf(route)].toSorted() : []]);
      }
    }
  });

  it('describes the one shape of errors wherever a caller can be refused', async () => {
    for (const [path, methods] of Object.entries((await served()).paths)) {
      for (const { operationId, responses } of Object.values(methods)) {
        if (path === '/healthz' || path === '/readyz') continue;
        const problems = Object.entries(responses).filter(([status]) => Number(status) >= 400);
        expect(problems.length, operationId).toBeGreaterThan(0);
        for (const [, response] of problems) {
          expect(JSON.stringify(response), operationId).toContain('#/components/schemas/Problem');
        }
      }
    }
  });
});
