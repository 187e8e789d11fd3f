import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { fakeBotToken, startSlackFake, type SlackFake } from './connectors/slack/fake.ts';
import { createMemoryPorts, type MemoryPorts } from './testing/memory-ports.ts';
import { connectionId, orgId } from './testing/run-node.ts';
import { testConnection } from './test-connection.ts';

describe('testing a connection', () => {
  let fake: SlackFake;
  beforeAll(async () => {
    fake = await startSlackFake();
  });
  afterAll(() => fake.close());

  const portsWith = (change: { kind?: string; baseUrl?: string; secret?: Record<string, string> }): MemoryPorts => {
    const ports = createMemoryPorts([`127.0.0.1:${fake.port}`]);
    ports.connectionRows.set(`${orgId}/${connectionId}`, {
      id: connectionId,
      name: 'Team',
      kind: change.kind ?? 'slack.bot',
      settings: { baseUrl: change.baseUrl ?? `${fake.url}/api` },
      secret: change.secret ?? { botToken: fakeBotToken },
    });
    return ports;
  };
  const test = (ports: MemoryPorts, signal = AbortSignal.timeout(5000)) =>
    testConnection(ports, { orgId, connectionId }, signal);

  it('asks the connector, which asks the service', async () => {
    expect(await test(portsWith({}))).toEqual({
      ok: true,
      message: 'Slack knows the bot as everwave in Everwave demo.',
    });
    expect(await test(portsWith({ secret: { botToken: 'xoxb-wrong' } }))).toMatchObject({ ok: false });
  });

  it.each([
    ['there is none', createMemoryPorts(), 'There is no such connection.'],
    ['its kind is unknown', 'kind', 'This worker knows no connection of kind fax.line.'],
    ['a field is missing', 'secret', 'The connection "Team" is incomplete: botToken.'],
    ['its address is private', 'address', '169.254.169.254:80 is not a public address, and no entry allows it.'],
  ] as const)('answers in words when %s', async (_why, change, message) => {
    const cases = {
      kind: () => portsWith({ kind: 'fax.line' }),
      secret: () => portsWith({ secret: {} }),
      address: () => portsWith({ baseUrl: 'http://169.254.169.254' }),
    };
    const ports = typeof change === 'string' ? cases[change]() : change;
    expect(await test(ports)).toMatchObject({ ok: false, message });
  });

  it('never shows the secret', async () => {
    const canary = 'xoxb-canary-5f1e';
    fake.faults.add({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ok: false, error: `bad ${canary}` }),
    });
    const ports = portsWith({ secret: { botToken: canary } });
    expect(JSON.stringify([await test(ports), ports.lines])).not.toContain(canary);
  });

  it('ends with its signal', async () => {
    fake.faults.add({ how: 'hang' });
    await expect(test(portsWith({}), AbortSignal.timeout(100))).rejects.toThrow('timeout');
  });
});
