import { defineNode } from '@everwave/schema/node';
import { describe, expect, it } from 'vitest';
import { sampleNode } from '../testing/sample-node.ts';
import { implementNode } from './implement-node.ts';

const nobody = { by: 'nobody', duplicates: 'Twice.' } as const;
const base = sampleNode(nobody);

describe('implementNode', () => {
  it('keeps the definition it implements', () => {
    const node = implementNode(base, { run: async () => ({ id: '1' }) });
    expect(node.definition).toBe(base);
  });

  it('lets the compiler refuse what contradicts the definition', () => {
    // @ts-expect-error an output without a promised field
    implementNode(base, { run: async () => ({ repeated: true }) });
    implementNode(base, {
      run: async (step) => {
        // @ts-expect-error a failure the definition does not name
        throw step.failure('unknown');
      },
    });
    implementNode(base, {
      run: async (step, input) => {
        // @ts-expect-error a meter the definition does not name
        step.meter('words', 1);
        // @ts-expect-error a field the input does not have
        return { id: input.missing };
      },
    });
    // @ts-expect-error a look-up node without its look-up
    implementNode(sampleNode({ by: 'lookup' }), { run: async () => ({ id: '1' }) });
    // @ts-expect-error an optional connection used as if it were always there
    implementNode(base, { run: async (step) => ({ id: step.connection.secret.botToken }) });
    implementNode(sampleNodeWithConnection, { run: async (step) => ({ id: step.connection.secret.botToken }) });
    defineNode({
      ...base,
      // @ts-expect-error a retry rule about an unknown failure
      activity: { ...base.activity, retry: { ...base.activity.retry, nonRetryableErrorTypes: ['unknown'] } },
    });
    // @ts-expect-error an example whose input would not parse
    defineNode({ ...base, examples: [{ title: 'x', input: { text: 5 }, output: { id: '1' } }] });
    expect(base.kind).toBe('sample.send');
  });
});

const sampleNodeWithConnection = defineNode({ ...base, credentialOptional: false });
