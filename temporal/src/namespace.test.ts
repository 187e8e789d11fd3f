import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalAddress } from '../../scripts/testing/temporal.ts';
import { namespaceCommands, registerNamespaceAndSearchAttributes } from './namespace.ts';
import { searchAttributeTypes } from './search-attributes.ts';

let connection: Connection;
let address: string;

beforeAll(async () => {
  address = await temporalAddress();
  connection = await Connection.connect({ address });
});
afterAll(() => connection.close());

const newName = () => `test-${randomBytes(6).toString('hex')}`;
const thirtyDays = 30 * 24 * 60 * 60;

describe('registerNamespaceAndSearchAttributes', () => {
  it('makes a namespace that keeps histories for 30 days and can be searched at once', async () => {
    const namespace = newName();
    const result = await registerNamespaceAndSearchAttributes({ connection, address, namespace });
    expect(result).toMatchObject({ ok: true, changed: [`namespace ${namespace} created`, expect.any(String)] });
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(thirtyDays);
    const query = "EverwaveOrg = 'org_1' and EverwaveFlowVersion = 3";
    expect(Number((await connection.workflowService.countWorkflowExecutions({ namespace, query })).count)).toBe(0);
  });

  it('changes nothing the second time', async () => {
    const namespace = newName();
    await registerNamespaceAndSearchAttributes({ connection, address, namespace });
    expect(await registerNamespaceAndSearchAttributes({ connection, address, namespace })).toEqual({
      ok: true,
      changed: [],
    });
  });

  it('raises a shorter retention', async () => {
    const namespace = newName();
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 24 * 60 * 60 } as never,
    });
    const result = await registerNamespaceAndSearchAttributes({ connection, address, namespace });
    expect(result).toMatchObject({
      ok: true,
      changed: [`retention of ${namespace} raised to 30 days`, expect.any(String)],
    });
  });

  it('answers a server that refuses with the commands to type', async () => {
    const namespace = newName();
    const denied = Object.assign(new Error('7 PERMISSION_DENIED: not allowed'), {
      code: 7,
      details: 'not allowed',
      metadata: {},
    });
    const refusing = {
      workflowService: connection.workflowService,
      operatorService: { listSearchAttributes: () => Promise.reject(denied) },
    } as unknown as Connection;
    const result = await registerNamespaceAndSearchAttributes({ connection: refusing, address, namespace });
    expect(result).toMatchObject({ ok: false, reason: expect.stringContaining('not allowed') });
    expect(result.ok ? [] : result.commands).toEqual(namespaceCommands({ address, namespace }));
  });
});

describe('namespaceCommands', () => {
  it('names every search attribute with its type', () => {
    const [create, attributes] = namespaceCommands({ address: 'host:7233', namespace: 'everwave' });
    expect(create).toBe('temporal operator namespace create --address host:7233 --namespace everwave --retention 30d');
    for (const [name, type] of Object.entries(searchAttributeTypes)) {
      expect(attributes).toContain(`--name ${name} --type ${type}`);
    }
  });
});
