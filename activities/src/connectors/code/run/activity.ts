import type { Json } from '@everwave/schema/flow';
import type * as z from 'zod';
import { implementNode, type Safety, type Step } from '../../../runtime/implement-node.ts';
import { compileJsonSchema, UnsupportedSchema, type Check } from '../../../runtime/json-schema.ts';
import { parseJson } from '../../../runtime/safe-json.ts';
import { createConsoleLines, type ConsoleLines } from '../../../sandbox/console-lines.ts';
import { createFetchGate, type FetchGate } from '../../../sandbox/fetch-gate.ts';
import { createFileGate } from '../../../sandbox/file-gate.ts';
import type { Ended, Ending } from '../../../sandbox/messages.ts';
import { SandboxLost } from '../../../sandbox/sandbox-process.ts';
import { codeRun } from './definition.ts';

type Input = z.output<typeof codeRun.input>;
type CodeStep = Step<typeof codeRun>;
type JsonValue = z.core.util.JSONType;
type FailureName = keyof typeof codeRun.failures;
type Fail = (name: FailureName, message: string, cause?: unknown) => Error;

export const run = implementNode(codeRun, {
  announcesSending: true,

  safetyOf({ fetch, duplicates }): Safety {
    if (fetch !== 'all') return { by: 'nature' };
    switch (duplicates) {
      case 'key':
        return { by: 'provider-key', sentAs: 'idempotencyKey', keyLife: '24h' };
      case 'at-least-once':
        return { by: 'at-least-once' };
      case 'at-most-once':
        return codeRun.idempotency;
    }
  },

  async run(step, input) {
    const gate = createFetchGate({ mode: input.fetch, fetch: step.fetch, sending: () => step.sending() });
    const lines = createConsoleLines();
    const fail: Fail = (name, message, cause) =>
      step.failure(name, { message, cause, mayHaveHappened: gate.hasWritten() });

    const checkInput = compileCheck(input.inputSchema, 'inputSchema', fail);
    const checkResult = compileCheck(input.outputSchema, 'outputSchema', fail);
    hold(checkInput, input.input, 'input', (reasons) => fail('invalid_input', reasons));

    const { ending, droppedLines } = await execute(step, input, { gate, lines, fail });
    const dropped = lines.dropped + droppedLines;
    step.log.info('code ended', { succeeded: ending.ok, consoleLines: lines.kept.length + dropped });
    for (const { level, text } of lines.kept) step.log.debug('code wrote to its console', { level, text });
    if (!ending.ok) throw fail(ending.failure, messageOf(ending, lines));

    const result = parseResult(ending.resultText, fail);
    hold(checkResult, result, 'result', (reasons) => fail('invalid_output', reasons));
    return { result: result as JsonValue, console: [...lines.kept], droppedLines: dropped };
  },
});

const execute = async (
  step: CodeStep,
  input: Input,
  { gate, lines, fail }: { readonly gate: FetchGate; readonly lines: ConsoleLines; readonly fail: Fail },
): Promise<Ended> => {
  const program = {
    language: input.language,
    code: input.code,
    inputText: JSON.stringify(input.input),
    idempotencyKey: step.idempotencyKey,
    timeoutMs: input.timeoutSeconds * 1000,
    memoryBytes: input.memoryMegabytes * 1024 * 1024,
    hasFetch: input.fetch !== 'off',
  };
  const files = createFileGate({ files: step.files, bytes: program.memoryBytes });
  try {
    return await step.runInSandbox(program, {
      fetch: (request) => gate.fetch(request),
      file: (fileCall) => files.call(fileCall),
      log: (level, text) => lines.add(level, text),
    });
  } catch (error) {
    if (error instanceof SandboxLost) throw fail('sandbox_lost', error.message, error);
    throw error;
  } finally {
    gate.close();
    files.close();
  }
};

const compileCheck = (schema: Json | undefined, field: string, fail: Fail): Check | null => {
  if (schema === undefined) return null;
  try {
    return compileJsonSchema(schema);
  } catch (error) {
    if (!(error instanceof UnsupportedSchema)) throw error;
    throw fail('unsupported_schema', `${field}: ${error.message}`, error);
  }
};

const mostReasons = 5;

const hold = (check: Check | null, value: Json, name: string, build: (reasons: string) => Error): void => {
  const reasons: string[] = [];
  check?.(value, name, reasons);
  if (reasons.length === 0) return;
  const more = reasons.length > mostReasons ? `; and ${reasons.length - mostReasons} more` : '';
  throw build(`${reasons.slice(0, mostReasons).join('; ')}${more}.`);
};

const parseResult = (text: string, fail: Fail): Json => {
  try {
    return parseJson(text);
  } catch (error) {
    throw fail('output_not_json', `The result is no JSON: ${error instanceof Error ? error.message : ''}`, error);
  }
};

const messageOf = ({ message, line, column }: Extract<Ending, { ok: false }>, lines: ConsoleLines): string => {
  const place = line === null ? '' : ` (line ${line}${column === null ? '' : `, column ${column}`})`;
  const tail = lines.tail();
  return `${message}${place}${tail === '' ? '' : `\nConsole:\n${tail}`}`;
};
