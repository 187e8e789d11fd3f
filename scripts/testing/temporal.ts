import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { registerNamespaceAndSearchAttributes } from '@everwave/temporal/namespace';
import { askTestServers } from './ask-test-servers.ts';

/** host:port of the dev server that all tests of this run share. */
export const temporalAddress = async (): Promise<string> => (await askTestServers('temporal')).address;

/** The `temporal` program, for tests that start servers of their own. */
export const temporalBinary = async (): Promise<string> => (await askTestServers('temporal')).binary;

/** A namespace that no other test uses, with our search attributes, that answers. */
export const createTestNamespace = async (): Promise<string> => {
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const address = await temporalAddress();
  const connection = await Connection.connect({ address });
  try {
    const made = await registerNamespaceAndSearchAttributes({ connection, address, namespace, retentionDays: 1 });
    if (!made.ok) throw new Error(made.reason);
  } finally {
    await connection.close();
  }
  return namespace;
};
