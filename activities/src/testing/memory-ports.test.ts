import { describeEffectLedger } from './effect-ledger-contract.ts';
import { createMemoryPorts } from './memory-ports.ts';
import { orgId } from './run-node.ts';

describeEffectLedger('the ledger in memory', async () => ({
  ledger: createMemoryPorts().effects,
  intent: { orgId, effectKey: 'key', runId: 'run', path: 'send', activity: 'a@1', requestHash: 'hash', ordinal: 1 },
}));
