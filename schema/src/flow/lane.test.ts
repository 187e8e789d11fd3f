import { describe, expect, it } from 'vitest';
import type { NodeManifest } from '../node/manifest.ts';
import { compileFlow } from './compile.ts';
import type { FlowGraph } from './graph.ts';
import { aFlow, manifests } from './testing/a-flow.ts';
import { validateFlow } from './validate.ts';

const kindLike = (kind: string, changes: Partial<NodeManifest>): NodeManifest => {
  const [like] = manifests.filter((manifest) => manifest.kind === 'web.fetch' && manifest.version === 2);
  if (!like) throw new Error('The manifests have no web.fetch@2.');
  return {
    ...like,
    kind,
    version: 1,
    effect: 'writes',
    idempotency: { by: 'provider-key', sentAs: 'Key' },
    ...changes,
  };
};
const heavyActivity = { ...kindLike('x.y', {}).activity, taskQueue: 'heavy' } as NodeManifest['activity'];
const known = [
  ...manifests,
  kindLike('pay.send', { effect: 'spends' }),
  kindLike('mail.send', { idempotency: { by: 'nobody', duplicates: 'A second e-mail.' } }),
  kindLike('film.render', { activity: heavyActivity }),
];
const input = { url: 'http://example.test' };
const nodes = {
  start: { kind: 'trigger.manual' },
  fetch: { kind: 'web.fetch' },
  pay: { kind: 'pay.send', input },
  mail: { kind: 'mail.send', input },
  render: { kind: 'film.render', input },
};
const arrows = ['start > fetch', 'fetch > pay', 'pay > mail', 'mail > render'];
const planOf = (graph: FlowGraph) => {
  const compiled = compileFlow({ flowId: 'flow_1', flowVersion: 1, title: 'F', graph, manifests: known });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.plan;
};
const laneOf = (graph: FlowGraph) =>
  Object.fromEntries(
    Object.values(planOf(graph).steps).flatMap((step) =>
      step.type === 'action' ? [[step.id, step.durableBecause ?? step.lane]] : [],
    ),
  );

describe('the express lane', () => {
  it('takes what may be repeated, and says of every other step why not', () => {
    expect(laneOf(aFlow(nodes, arrows, { lane: 'express' }))).toEqual({
      fetch: 'express',
      pay: 'spends',
      mail: 'cannot_be_repeated',
      render: 'needs_own_queue',
    });
  });

  it('is off by default', () => {
    expect(new Set(Object.values(laneOf(aFlow(nodes, arrows))))).toEqual(new Set(['durable']));
  });

  it('warns of steps that stay durable, at their place, and publishes all the same', () => {
    const issues = validateFlow(aFlow(nodes, arrows, { lane: 'express' }), known);
    const found = issues.filter(({ code }) => code === 'stays_durable');
    expect(found.map(({ nodeId, severity }) => [nodeId, severity])).toEqual([
      ['pay', 'warning'],
      ['mail', 'warning'],
      ['render', 'warning'],
    ]);
    expect(found[0]?.message).toBe(
      'pay stays a durable step in this express flow: it spends money, which must not happen twice.',
    );
  });

  it('warns once when the setting changes nothing', () => {
    const { start, mail } = nodes;
    const issues = validateFlow(aFlow({ start, mail }, ['start > mail'], { lane: 'express' }), known);
    expect(issues).toMatchObject([{ severity: 'warning', code: 'express_without_effect', path: 'settings.lane' }]);
  });

  it('lets runs share a host when no step is durable and none waits', () => {
    const { start, fetch } = nodes;
    const short = aFlow({ start, fetch }, ['start > fetch'], { lane: 'express' });
    const pause = { kind: 'control.delay', input: { duration: '1m' } };
    const waiting = aFlow({ start, pause, fetch }, ['start > pause', 'pause > fetch'], { lane: 'express' });
    expect(planOf(short).hostable).toBe(true);
    expect(planOf(waiting).hostable).toBeUndefined();
    const event = { kind: 'control.waitForEvent', input: { event: 'order.paid', correlationKey: '7' } };
    for (const outside of [event, { kind: 'control.approval' }]) {
      const asking = aFlow({ start, outside, fetch }, ['start > outside', 'start > fetch'], { lane: 'express' });
      expect(planOf(asking).hostable).toBeUndefined();
    }
    expect(planOf(aFlow(nodes, arrows, { lane: 'express' })).hostable).toBeUndefined();
    expect(planOf(aFlow({ start, fetch }, ['start > fetch'])).hostable).toBeUndefined();
  });
});
