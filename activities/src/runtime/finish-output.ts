import type { Json } from '@everwave/schema/flow';
import type { AnyNodeDefinition } from '@everwave/schema/node';
import { valueLimits } from '@everwave/schema/run';
import { CommonFailure } from './node-errors.ts';
import type { Redactor } from './secrets.ts';

export interface FinishedOutput {
  readonly output: Json;
  /** Of its JSON, before secrets were taken out. */
  readonly bytes: number;
}

/** A node's answer as it leaves the attempt: parsed, plain JSON, without secrets, of bounded size. */
export const finishOutput = (answer: unknown, definition: AnyNodeDefinition, redactor: Redactor): FinishedOutput => {
  const parsed = definition.output.safeParse(answer);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') || 'output';
    throw new CommonFailure('invalid_output', `The answer does not fit the node's output: ${place}: ${issue?.message}`);
  }
  const text = JSON.stringify(parsed.data) ?? 'null';
  const bytes = Buffer.byteLength(text);
  if (bytes > valueLimits.largest) {
    const message = `The step's output has ${bytes} bytes as JSON; ${valueLimits.largest} are possible.`;
    throw new CommonFailure('value_too_large', message);
  }
  return { output: redactor.output(JSON.parse(text) as Json), bytes };
};
