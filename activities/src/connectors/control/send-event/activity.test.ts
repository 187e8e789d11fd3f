import { describe, expect, it, onTestFinished } from 'vitest';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { createNodeHarness } from '../../../testing/run-node.ts';
import { sendEvent } from './activity.ts';

const aNode = () => {
  const node = createNodeHarness(sendEvent);
  onTestFinished(() => node.close());
  return node;
};
const paid = { event: 'order.paid', correlationKey: 'A-1042', data: { amount: 129.9 } };

provesEveryFailure(sendEvent);

describe('control.sendEvent', () => {
  it('sends an event of the org, named by the effect’s key', async () => {
    const node = aNode();
    const ending = await node.run(paid);
    const [sent] = node.ports.sentEvents;
    expect(sent).toMatchObject({
      name: 'order.paid',
      correlationKey: 'A-1042',
      data: { amount: 129.9 },
      expiresIn: '7d',
    });
    expect(ending).toMatchObject({ ok: true, output: { id: sent?.id, name: 'order.paid', correlationKey: 'A-1042' } });
  });

  it('sends one however often it is tried', async () => {
    const node = aNode();
    const ending = await node.run(paid, {
      ports: {
        events: {
          send: async (event) => {
            await node.ports.events.send(event);
            throw new Error('The answer was lost.');
          },
        },
      },
    });
    expect(ending).toMatchObject({ ok: false, retryable: true });
    expect(await node.run(paid, { attempt: 2 })).toMatchObject({ ok: true });
    expect(new Set(node.ports.sentEvents.map(({ id }) => id)).size).toBe(1);
  });

  it('runs in the express lane too', async () => {
    expect(await aNode().run(paid, { isLocal: true })).toMatchObject({ ok: true });
  });

  it('takes a number as a key', async () => {
    expect(await aNode().run({ ...paid, correlationKey: 1042 })).toMatchObject({ output: { correlationKey: '1042' } });
  });

  it.each([
    ['an empty key', { correlationKey: ' ' }],
    ['a key that is an object', { correlationKey: {} }],
    ['a name that is none', { event: 'order paid' }],
    ['too much', { data: 'x'.repeat(300_000) }],
    ['a stay without end', { expiresIn: '400d' }],
  ])('refuses %s, for good', async (_what, wrong) => {
    const node = aNode();
    expect(await node.run({ ...paid, ...wrong })).toMatchObject({ ok: false, type: 'invalid_input', retryable: false });
    expect(node.ports.sentEvents).toEqual([]);
  });
});
