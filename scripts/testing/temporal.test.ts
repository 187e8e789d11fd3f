import { Client, Connection } from '@temporalio/client';
import { expect, it } from 'vitest';
import { createTestNamespace, temporalAddress } from './temporal.ts';

it('gives each caller a namespace of its own that takes workflows at once', async () => {
  const [namespace, other] = await Promise.all([createTestNamespace(), createTestNamespace()]);
  expect(namespace).not.toBe(other);
  const connection = await Connection.connect({ address: await temporalAddress() });
  const client = new Client({ connection, namespace });
  const handle = await client.workflow.start('anything', { taskQueue: 'none', workflowId: 'one' });
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await handle.terminate();
  await connection.close();
});
