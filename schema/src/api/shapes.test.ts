import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as api from './index.ts';

const exported: readonly (readonly [string, unknown])[] = Object.entries(api);
const shapes = exported.flatMap(([name, value]) => (value instanceof z.ZodType ? [[name, value] as const] : []));
const requests = shapes.filter(([name]) => name.endsWith('RequestSchema') || name === 'passwordSchema');

/** The object inside, whatever is wrapped around it. */
const objectsIn = (schema: z.ZodType): readonly z.ZodObject[] => {
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodDiscriminatedUnion || schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option) => objectsIn(option as z.ZodType));
  }
  return [];
};

describe('every request', () => {
  const bodies = requests.flatMap(([name, schema]) => objectsIn(schema).map((object) => [name, object] as const));

  it('is known to this test', () => {
    expect(bodies.length).toBeGreaterThanOrEqual(10);
  });

  it.each(bodies)('%s refuses a field it does not know, and says which', (name, schema) => {
    // Whoever switches names an org: in no other body does the caller say for whom it acts.
    const field = name === 'switchOrgRequestSchema' ? 'userId' : 'orgId';
    const { error } = schema.safeParse({ [field]: 'org_x' });
    const unknown = error?.issues.find((issue) => issue.code === 'unrecognized_keys');
    expect(unknown).toMatchObject({ keys: [field] });
  });
});

it('no two shapes have one name in the document', () => {
  const names = shapes.flatMap(([, schema]) => schema.meta()?.id ?? []);
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe('a problem', () => {
  const problem = {
    type: 'urn:everwave:problem:flow_not_found',
    title: 'No such flow',
    status: 404,
    detail: 'There is no flow flow_x in your org.',
    code: 'flow_not_found',
    errors: [],
    requestId: 'request-1',
  };

  it('is read as it was written', () => {
    expect(api.problemSchema.parse(problem)).toEqual(problem);
  });

  it.each(['code', 'status', 'detail', 'requestId', 'errors'])('is none without its %s', (field) => {
    expect(api.problemSchema.safeParse({ ...problem, [field]: undefined }).success).toBe(false);
  });
});

describe('a role', () => {
  const { roles, roleCovers, roleMay, rolePermissions, permissions } = api;

  it('may do everything that the roles below it may, and more', () => {
    for (const [index, role] of roles.entries()) {
      for (const [other, lower] of roles.entries()) {
        expect([role, lower, roleCovers(role, lower)]).toEqual([role, lower, other >= index]);
      }
    }
  });

  it('is given every permission at the top, and changes nothing at the bottom but what it is asked', () => {
    expect(rolePermissions.owner.toSorted()).toEqual(permissions.toSorted());
    const changing = permissions.filter((each) => roleMay('viewer', each) && !each.endsWith(':read'));
    expect(changing).toEqual(['approvals:answer']);
  });

  it('can look into payloads only where it can repair', () => {
    for (const role of roles) expect(roleMay(role, 'payloads:decode')).toBe(roleMay(role, 'runs:repair'));
  });
});

describe('a page of a list', () => {
  it.each([
    [{}, 25],
    [{ limit: '100' }, 100],
  ])('%o has %i items at most', (query, limit) => {
    expect(api.listRunsQuerySchema.parse(query).limit).toBe(limit);
  });

  it.each(['0', '101', '1e9', 'all', '-1', '2.5'])('never has %s items', (limit) => {
    expect(api.listRunsQuerySchema.safeParse({ limit }).success).toBe(false);
  });

  it('is asked for one status or several, and for no other word', () => {
    expect(api.listRunsQuerySchema.parse({ status: 'failed' }).status).toEqual(['failed']);
    expect(api.listRunsQuerySchema.parse({ status: ['failed', 'queued'] }).status).toEqual(['failed', 'queued']);
    expect(api.listRunsQuerySchema.safeParse({ status: 'lost' }).success).toBe(false);
  });

  it('begins in no year that Postgres does not have', () => {
    expect(api.listRunsQuerySchema.safeParse({ from: '0000-01-01T00:00:00Z' }).success).toBe(false);
  });
});
