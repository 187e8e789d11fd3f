import type { Json } from '@everwave/schema/flow';
import type { AnyNodeDefinition } from '@everwave/schema/node';
import { CommonFailure } from './node-errors.ts';
import type { Redactor } from './secrets.ts';

/** What a step may return; larger values will travel by reference. */
export const largestOutputBytes = 1024 * 1024;

/** A node's answer as it leaves the attempt: parsed, plain JSON, without secrets, of bounded size. */
export const finishOutput = (answer: unknown, definition: AnyNodeDefinition, redactor: Redactor): Json => {
  const parsed = definition.output.safeParse(answer);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') || 'output';
    throw new CommonFailure('invalid_output', `The answer does not fit the node's output: ${place}: ${issue?.message}`);
  }
  const text = JSON.stringify(parsed.data) ?? 'null';
  const bytes = Buffer.byteLength(text);
  if (bytes > largestOutputBytes) {
    throw new CommonFailure(
      'output_too_large',
      `The step's output has ${bytes} bytes; ${largestOutputBytes} are possible.`,
    );
  }
  return redactor.output(JSON.parse(text) as Json);
};
