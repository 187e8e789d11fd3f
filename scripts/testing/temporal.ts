import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { askTestServers } from './ask-test-servers.ts';

/** host:port of the dev server that all tests of this run share. */
export const temporalAddress = async (): Promise<string> => (await askTestServers('temporal')).address;

/** The `temporal` program, for tests that start servers of their own. */
export const temporalBinary = async (): Promise<string> => (await askTestServers('temporal')).binary;

/** A namespace that no other test uses, and that answers. */
export const createTestNamespace = async (): Promise<string> => {
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const connection = await Connection.connect({ address: await temporalAddress() });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 24 * 60 * 60 } as never,
    });
    await untilKnown(connection, namespace);
  } finally {
    await connection.close();
  }
  return namespace;
};

/** Every part of the server refreshes its list of namespaces on its own clock, about once a second. */
const untilKnown = async (connection: Connection, namespace: string): Promise<void> => {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`The namespace ${namespace} did not become usable.`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
};
