import { defineNode } from '@everwave/schema/node';
import * as z from 'zod';

const schema = z.union([z.boolean(), z.record(z.string(), z.json())]);

export const codeRun = defineNode({
  kind: 'code.run',
  version: 1,
  title: 'Run code',
  summary: 'Runs JavaScript or TypeScript of your own on the flow’s data, in a sandbox.',
  effect: 'writes',
  // Without fetch the code reaches nothing, and reading is no effect.
  readsWhen: { field: 'fetch', oneOf: ['off', 'read'] },
  credential: null,
  input: z.strictObject({
    language: z.enum(['javascript', 'typescript']).default('javascript').meta({
      title: 'Language',
      description: 'Of TypeScript the types are removed, not checked.',
    }),
    code: z.string().min(1).max(100_000).meta({
      title: 'Code',
      description:
        'The body of an async function: read input, end with return. Plain text, never a template: {{ }} has no meaning in it.',
      widget: 'code',
      placeholder: 'return { total: input.lines.reduce((sum, line) => sum + line.price, 0) };',
    }),
    input: z.json().default({}).meta({
      title: 'Input',
      description: 'What the code reads as input. Expressions belong here.',
      widget: 'json',
    }),
    inputSchema: schema.optional().meta({
      title: 'JSON Schema of the input',
      description: '2020-12, without references. Input that does not fit fails the step before the code runs.',
      widget: 'json',
    }),
    outputSchema: schema.optional().meta({
      title: 'JSON Schema of the result',
      description: 'A result that does not fit fails the step.',
      widget: 'json',
    }),
    timeoutSeconds: z.int().min(1).max(60).default(10).meta({
      title: 'Time limit in seconds',
      description: 'By the clock: waiting counts.',
    }),
    memoryMegabytes: z.int().min(32).max(256).default(64).meta({ title: 'Memory limit in MB' }),
    fetch: z.enum(['off', 'read', 'all']).default('off').meta({
      title: 'Fetch',
      description:
        'off: the code reaches no network. read: GET and HEAD. all: every method. Public addresses only; 50 requests, 1 MiB sent and 5 MiB received per execution.',
    }),
    duplicates: z.enum(['at-most-once', 'key', 'at-least-once']).default('at-most-once').meta({
      title: 'If the code stopped after it had written with fetch',
      description:
        'at-most-once: stop and ask a person. key: the code sends idempotencyKey with every request that writes, run it again. at-least-once: run it again and accept a double.',
    }),
  }),
  output: z.strictObject({
    result: z.json().meta({ title: 'Result' }),
    console: z
      .array(
        z.strictObject({
          level: z.enum(['debug', 'log', 'info', 'warn', 'error']).meta({ title: 'Level' }),
          text: z.string().meta({ title: 'Text' }),
        }),
      )
      .meta({ title: 'Console' }),
    droppedLines: z.int().default(0).meta({ title: 'Lines of the console beyond what is kept' }),
  }),
  failures: {
    code_invalid: 'The code cannot be read. Correct the named line, publish the flow, and retry with edited input.',
    code_failed: 'The code threw an error. Correct it at the named line, or give it the input it expects.',
    code_timed_out: 'The code took longer than its time limit. Do less in one step, or raise the limit (up to 60 s).',
    out_of_memory:
      'The code needed more memory than its limit. Handle less at once, or raise the limit (up to 256 MB).',
    output_not_json: 'The result holds something that JSON does not have. Return text, numbers, lists, plain objects.',
    output_too_large: 'The result is larger than a step may return. Return less: fewer fields, a part of the list.',
    invalid_input: 'The input does not fit. Correct the named field where the step takes it from, or the schema.',
    invalid_output: 'The result does not fit the schema of the result. Correct the code, or the schema.',
    unsupported_schema: 'The message names the place in the schema. Write it another way.',
    fetch_failed: 'A request got no answer, and the code did not catch that. It is tried again.',
    fetch_refused: 'A request is not allowed, or is one too many. The message says which rule it broke.',
    file_refused:
      'The run does not have this file, the file is no text, or the code reads or makes more than its memory limit allows.',
    sandbox_lost: 'The process in which the code ran ended by itself. It is tried again in another.',
  },
  activity: {
    taskQueue: 'code',
    startToCloseTimeout: '2m',
    scheduleToCloseTimeout: '1h',
    heartbeatTimeout: '15s',
    retry: {
      initialInterval: '1s',
      maximumInterval: '1m',
      maximumAttempts: 3,
      nonRetryableErrorTypes: [
        'code_invalid',
        'code_failed',
        'out_of_memory',
        'output_not_json',
        'output_too_large',
        'invalid_input',
        'invalid_output',
        'unsupported_schema',
        'fetch_refused',
        'file_refused',
      ],
    },
  },
  idempotency: {
    by: 'nobody',
    duplicates:
      'Code without fetch, or with fetch for reading, may run twice without harm. For code that writes you choose what happens when it stopped half-way.',
  },
  meters: {},
  examples: [
    {
      title: 'Sum up an order',
      input: {
        code: 'const total = input.lines.reduce((sum, line) => sum + line.price * line.quantity, 0);\nreturn { total };',
        input: { lines: [{ price: 12.5, quantity: 2 }] },
      },
      output: { result: { total: 25 }, console: [] },
    },
    {
      title: 'Group by city, in TypeScript',
      input: {
        language: 'typescript',
        code: 'type Person = { name: string; city: string };\nreturn Object.groupBy(input.people as Person[], ({ city }) => city);',
        input: { people: [{ name: 'Ada', city: 'London' }] },
      },
      output: { result: { London: [{ name: 'Ada', city: 'London' }] }, console: [] },
    },
  ],
});
