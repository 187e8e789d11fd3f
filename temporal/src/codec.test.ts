import { unsealedMarker } from '@everwave/schema/run';
import type { Payload } from '@temporalio/common';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPayloadCodec } from './codec.ts';
import { decodePayloads } from './codec-server.ts';
import { createTestRing, type TestRing } from './testing/test-ring.ts';

let test: TestRing;
let orgId: string;
let workflowId: string;
const runId = `run_${'1'.repeat(32)}`;

beforeAll(async () => {
  test = await createTestRing();
});
afterAll(() => test.close());
beforeEach(async () => {
  orgId = await test.anOrg();
  workflowId = `t/${orgId}/r/${runId}`;
});

const contextOf = (id: string) => ({ type: 'workflow' as const, namespace: 'default', workflowId: id });
const worker = () => createPayloadCodec({ ring: test.ring, withoutOrg: 'withhold' });
const client = () => createPayloadCodec({ ring: test.ring, withoutOrg: 'refuse' });
const toPayload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload | undefined): unknown => payload && defaultPayloadConverter.fromPayload(payload);
const textOf = (payload: Payload | undefined): string =>
  JSON.stringify({
    metadata: Object.values(payload?.metadata ?? {}).map((bytes) => Buffer.from(bytes).toString('latin1')),
    data: Buffer.from(payload?.data ?? []).toString('latin1'),
  });
const seal = async (value: unknown): Promise<Payload> => {
  const [sealed] = await client().encode([toPayload(value)], contextOf(workflowId));
  if (!sealed) throw new Error('nothing was sealed');
  return sealed;
};
const unsealed = { [unsealedMarker]: true };

describe('the payload codec', () => {
  it('gives back what it sealed, and shows nothing of it in between', async () => {
    const value = { secret: 'canary-value', list: [1, null, 'é'] };
    const sealed = await seal(value);
    expect(textOf(sealed)).not.toContain('canary');
    const [opened] = await worker().decode([sealed], contextOf(workflowId));
    expect(valueOf(opened)).toEqual(value);
  });

  it.each([undefined, null, 0, '', new Uint8Array([1, 2, 3])])('keeps %s as it is', async (value) => {
    const [opened] = await worker().decode([await seal(value)], contextOf(workflowId));
    expect(valueOf(opened)).toEqual(value);
  });

  it('opens without a context, since the payload says which workflow it belongs to', async () => {
    const [opened] = await worker().decode([await seal('x')]);
    expect(valueOf(opened)).toBe('x');
  });

  it('marks a payload that is not sealed', async () => {
    const [opened] = await worker().decode([toPayload({ requestId: 'forged' })], contextOf(workflowId));
    expect(valueOf(opened)).toEqual(unsealed);
  });

  it('marks a sealed payload that was copied from another run, relabelled or changed', async () => {
    const sealed = await seal('x');
    const other = `t/${orgId}/r/run_${'2'.repeat(32)}`;
    const relabelled = { ...sealed, metadata: { ...sealed.metadata, 'everwave-workflow-id': Buffer.from(other) } };
    const changed = { ...sealed, data: Buffer.from(sealed.data ?? []).fill(7, 30, 31) };
    const opened = await worker().decode([sealed, relabelled], contextOf(other));
    const [tampered] = await worker().decode([changed], contextOf(workflowId));
    expect([...opened, tampered].map(valueOf)).toEqual([unsealed, unsealed, unsealed]);
  });

  it('withholds, in a worker, what belongs to no org', async () => {
    const failure = toPayload({ message: 'canary', stack_trace: 'canary' });
    const sealed = [
      ...(await worker().encode([failure])),
      ...(await worker().encode([failure], contextOf('somebody-elses-workflow'))),
    ];
    for (const payload of sealed) {
      expect(textOf(payload)).not.toContain('canary');
      expect(valueOf(payload)).toMatchObject({ message: expect.stringContaining('Withheld') });
    }
  });

  it('refuses, in a client, to send what belongs to no org', async () => {
    await expect(client().encode([toPayload(1)], contextOf('my-workflow'))).rejects.toThrow('names no org');
    await expect(client().encode([toPayload(1)])).rejects.toThrow('names no org');
  });

  it('never writes a value away when the key cannot be had, but lets an error text go', async () => {
    const missing = contextOf(`t/org_${'f'.repeat(32)}/r/${runId}`);
    await expect(worker().encode([toPayload({ amount: 1 })], missing)).rejects.toThrow();
    const [failure] = await worker().encode([toPayload({ message: 'canary', stack_trace: '' })], missing);
    expect(textOf(failure)).not.toContain('canary');
  });
});

describe('decodePayloads', () => {
  const toJson = ({ metadata, data }: Payload) => ({
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
    data: Buffer.from(data ?? []).toString('base64'),
  });

  it('opens what the caller may read', async () => {
    const reply = await decodePayloads({
      ring: test.ring,
      payloads: [toJson(await seal({ total: 5 }))],
      mayRead: (org) => org === orgId,
    });
    expect(Buffer.from(reply.payloads[0]?.data ?? '', 'base64').toString()).toBe('{"total":5}');
    expect(reply.opened).toEqual([orgId]);
  });

  it("leaves another org's payload, a broken one and a plain one as they are", async () => {
    const sealed = toJson(await seal('x'));
    const broken = { ...sealed, data: Buffer.from('nothing of ours, and long enough to be one').toString('base64') };
    const plain = toJson(toPayload('plain'));
    const closed = await decodePayloads({ ring: test.ring, payloads: [sealed], mayRead: () => false });
    const open = await decodePayloads({ ring: test.ring, payloads: [broken, plain, {}], mayRead: () => true });
    expect(closed).toEqual({ payloads: [sealed], opened: [] });
    expect(open).toEqual({ payloads: [broken, plain, {}], opened: [] });
  });
});
