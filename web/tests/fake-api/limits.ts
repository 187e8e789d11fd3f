import * as api from '@everwave/schema/api';
import type { Context, Hono } from 'hono';
import { answer, problem } from './answers.ts';
import { idOf } from './ids.ts';
import { flows } from './stories.ts';
import type { World } from './world.ts';

/** What is limited, and how far it is used. */
export interface WorldLimits {
  org: api.OrgLimits;
  readonly flows: Map<string, api.FlowLimits>;
  readonly connections: Map<string, api.ConnectionLimits>;
}

const idle = { running: 0, waiting: 0 };
const unlimited = { atOnce: null, rate: null };

export const limitsOf = (isEmpty: boolean): WorldLimits => {
  if (isEmpty) {
    const eachFlow = { ...unlimited, whenFull: 'wait' as const };
    const org = { runs: unlimited, eachFlow, steps: unlimited, usage: { runs: idle, steps: idle } };
    return { org, flows: new Map(), connections: new Map() };
  }
  const eachFlow = { atOnce: 20, rate: null, whenFull: 'wait' as const };
  const newOrder = idOf('flow', flows.newOrder.name);
  return {
    org: {
      runs: { atOnce: 50, rate: { count: 600, seconds: 60 } },
      eachFlow,
      steps: unlimited,
      usage: { runs: { running: 7, waiting: 12 }, steps: { running: 4, waiting: 0 } },
    },
    flows: new Map([
      [
        newOrder,
        {
          runs: { atOnce: 5, rate: null, whenFull: 'wait' },
          eachFlow,
          steps: unlimited,
          nodes: { announce: { atOnce: 1, rate: { count: 1, seconds: 1, burst: 1 } } },
          usage: { runs: { running: 5, waiting: 12 }, steps: { running: 1, waiting: 3 } },
        },
      ],
    ]),
    connections: new Map([
      [
        idOf('conn', 'slack'),
        {
          steps: { atOnce: 2, rate: { count: 50, seconds: 60, burst: 5 } },
          usage: { steps: { running: 2, waiting: 3 } },
        },
      ],
    ]),
  };
};

const withBurst = ({ atOnce, rate }: api.SetConnectionLimits['steps']) => ({
  atOnce,
  rate: rate && { ...rate, burst: rate.burst ?? Math.max(1, Math.floor(rate.count / rate.seconds)) },
});

/** The routes of limits. */
export const addLimits = (app: Hono, world: () => World): void => {
  const refused = (c: Context, permission: api.Permission): Response | null =>
    world().me.permissions.includes(permission)
      ? null
      : problem(c, 403, 'not_allowed', `This needs the permission ${permission}.`);

  app.get('/v1/limits', (c) => answer(c, api.orgLimitsSchema, world().limits.org));
  app.put('/v1/limits', async (c) => {
    const no = refused(c, 'limits:manage');
    if (no) return no;
    const asked = api.setOrgLimitsRequestSchema.parse(await c.req.json());
    const { limits } = world();
    limits.org = { ...limits.org, ...asked, steps: withBurst(asked.steps) };
    return answer(c, api.orgLimitsSchema, limits.org);
  });

  const ofFlow = (id: string): api.FlowLimits => {
    const { limits } = world();
    const { eachFlow } = limits.org;
    const known = limits.flows.get(id);
    return known
      ? { ...known, eachFlow }
      : { runs: null, eachFlow, steps: unlimited, nodes: {}, usage: { runs: idle, steps: idle } };
  };
  app.get('/v1/flows/:id/limits', (c) => answer(c, api.flowLimitsSchema, ofFlow(c.req.param('id'))));
  app.put('/v1/flows/:id/limits', async (c) => {
    const no = refused(c, 'flows:publish');
    if (no) return no;
    const id = c.req.param('id');
    const { runs, steps, nodes } = api.setFlowLimitsRequestSchema.parse(await c.req.json());
    const unknown = Object.keys(nodes).find(
      (node) =>
        !world()
          .flows.get(id)
          ?.graph.nodes.some((each) => each.id === node),
    );
    if (unknown !== undefined) {
      const message = 'The flow has no such step.';
      return problem(c, 422, 'limits_invalid', `The flow has no step ${unknown}, neither in its draft nor live.`, [
        { path: `nodes.${unknown}`, message },
      ]);
    }
    const limited = Object.entries(nodes).map(([node, limit]) => [node, withBurst(limit)] as const);
    world().limits.flows.set(id, { ...ofFlow(id), runs, steps: withBurst(steps), nodes: Object.fromEntries(limited) });
    return answer(c, api.flowLimitsSchema, ofFlow(id));
  });

  const ofConnection = (id: string): api.ConnectionLimits =>
    world().limits.connections.get(id) ?? { steps: unlimited, usage: { steps: idle } };
  app.get('/v1/connections/:id/limits', (c) => answer(c, api.connectionLimitsSchema, ofConnection(c.req.param('id'))));
  app.put('/v1/connections/:id/limits', async (c) => {
    const no = refused(c, 'connections:write');
    if (no) return no;
    const id = c.req.param('id');
    const { steps } = api.setConnectionLimitsRequestSchema.parse(await c.req.json());
    world().limits.connections.set(id, { ...ofConnection(id), steps: withBurst(steps) });
    return answer(c, api.connectionLimitsSchema, ofConnection(id));
  });
};
