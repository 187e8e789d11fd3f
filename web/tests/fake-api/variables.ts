import * as api from '@everwave/schema/api';
import type { Context, Hono } from 'hono';
import { answer, problem } from './answers.ts';
import { idOf } from './ids.ts';
import type { World } from './world.ts';

const largestShortSecret = 7;

export const variablesOf = (now: number): api.Variable[] => {
  const at = (days: number): string => new Date(now - days * 86_400_000).toISOString();
  const variable = (name: string, others: Partial<api.Variable>): api.Variable => ({
    name,
    type: 'string',
    description: '',
    value: '',
    usedBy: [],
    usedByOthers: 0,
    updatedBy: 'Mara Lindqvist',
    createdAt: at(40),
    updatedAt: at(12),
    ...others,
  });
  const newOrder = { flowId: idOf('flow', 'New order'), name: 'New order' };
  return [
    variable('EXPRESS_ENABLED', { type: 'boolean', value: true, updatedBy: 'Noor Haddad', updatedAt: at(1) }),
    variable('FREE_SHIPPING_FROM', {
      type: 'number',
      value: 45,
      description: 'Euros, from which an order is sent for nothing',
      usedBy: [newOrder],
    }),
    variable('ROASTERY_EMAIL', {
      value: 'packers@hartwell.coffee',
      description: 'Who packs today',
      usedBy: [newOrder, { flowId: idOf('flow', 'Refund request'), name: 'Refund request' }],
    }),
    variable('SHIPPING_PRICES', {
      type: 'json',
      value: { de: { standard: 4.9, express: 9.9 }, at: { standard: 6.9, express: 14.9 }, rest: null },
    }),
    variable('SUPPLIER_KEY', {
      type: 'secret',
      value: null,
      description: 'Of the green bean importer; renewed each January',
      usedByOthers: 1,
      updatedAt: at(3),
    }),
  ];
};

/** The routes of variables. What a secret holds is taken, and never told. */
export const addVariables = (app: Hono, world: () => World): void => {
  const refused = (c: Context): Response | null =>
    world().me.permissions.includes('variables:write')
      ? null
      : problem(c, 403, 'not_allowed', 'This needs the permission variables:write.');
  const inUse = (c: Context, { name, usedBy }: api.Variable): Response =>
    problem(
      c,
      409,
      'variable_in_use',
      `Live flows read env.${name}: ${usedBy.map((flow) => flow.name).join(', ')}. Change or deactivate them first.`,
      usedBy.map((flow) => ({ path: flow.flowId, message: `${flow.name} reads it.` })),
    );

  app.get('/v1/variables', (c) => answer(c, api.variableListSchema, { items: world().variables }));
  app.put('/v1/variables/:name', async (c) => {
    const no = refused(c);
    if (no) return no;
    const name = api.variableNameSchema.parse(c.req.param('name'));
    const given = api.setVariableRequestSchema.parse(await c.req.json());
    const { variables } = world();
    const before = variables.find((each) => each.name === name);
    if (before && c.req.header('if-none-match') === '*') {
      return problem(c, 409, 'name_taken', `Another variable is called ${name}.`, [
        { path: 'name', message: 'This name is taken.' },
      ]);
    }
    if (before && before.type !== given.type && before.usedBy.length > 0) return inUse(c, before);
    if (given.type === 'secret' && typeof given.value === 'string' && given.value.length <= largestShortSecret) {
      const errors = [{ path: 'value', message: 'A text of 8 characters or more is expected.' }];
      return problem(c, 422, 'variable_invalid', 'The value does not fit a variable of type secret.', errors);
    }
    const now = new Date().toISOString();
    const set: api.Variable = {
      name,
      type: given.type,
      description: given.description ?? before?.description ?? '',
      value: given.type === 'secret' ? null : (given.value ?? before?.value ?? null),
      usedBy: before?.usedBy ?? [],
      usedByOthers: before?.usedByOthers ?? 0,
      updatedBy: world().me.user?.name ?? '',
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
    };
    const others = variables.filter((each) => each !== before);
    variables.splice(0, variables.length, ...[...others, set].toSorted((one, two) => (one.name < two.name ? -1 : 1)));
    if (given.type === 'secret' && typeof given.value === 'string') world().secrets.set(name, given.value);
    return answer(c, api.variableSchema, set);
  });
  app.delete('/v1/variables/:name', (c) => {
    const no = refused(c);
    if (no) return no;
    const { variables } = world();
    const found = variables.find(({ name }) => name === c.req.param('name'));
    if (!found) return problem(c, 404, 'variable_not_found', 'Your org has no such variable.');
    if (found.usedBy.length > 0) return inUse(c, found);
    variables.splice(variables.indexOf(found), 1);
    return c.body(null, 204);
  });
};
