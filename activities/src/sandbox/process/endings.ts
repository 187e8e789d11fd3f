import type { Ending, Program } from '../messages.ts';
import type { Thrown } from './prelude.ts';
import { findPlace } from './prepare-source.ts';

type Failed = Extract<Ending, { ok: false }>;

const withoutPlace = (failure: Failed['failure'], message: string): Failed => ({
  ok: false,
  failure,
  message,
  line: null,
  column: null,
});

export const timedOut = ({ timeoutMs }: Program): Failed =>
  withoutPlace('code_timed_out', `The code did not finish within ${timeoutMs / 1000} s.`);

export const outOfMemory = ({ memoryBytes }: Program): Failed =>
  withoutPlace('out_of_memory', `The code needed more than ${Math.floor(memoryBytes / 1024 / 1024)} MB of memory.`);

export const neverSettled: Failed = withoutPlace(
  'code_failed',
  'The code waits for a promise that nothing can settle: no timer and no request is left.',
);

export const notJson = (message: string): Failed => withoutPlace('output_not_json', message);

export const resultTooLarge = (size: string, limit: number): Failed =>
  withoutPlace('output_too_large', `The result has ${size} characters or more as JSON; ${limit} bytes are possible.`);

/** The WebAssembly machine itself gave up: its own stack or memory was used up. */
export const trapped = (error: unknown, program: Program): Failed =>
  error instanceof RangeError
    ? withoutPlace('code_failed', 'InternalError: stack overflow')
    : error instanceof WebAssembly.RuntimeError
      ? outOfMemory(program)
      : withoutPlace('code_failed', `The code stopped the sandbox: ${String(error)}`);

/** What was thrown and not caught, as the step's failure. The author chooses the names: they decide nothing but that. */
export const toFailed = (thrown: Thrown, program: Program, during: 'reading' | 'running'): Failed => {
  const { name, message, stack, code } = thrown;
  if (name === 'InternalError' && message === 'out of memory') return outOfMemory(program);
  const place = findPlace(stack, program.code);
  return {
    ok: false,
    failure:
      during === 'reading' && name === 'SyntaxError'
        ? 'code_invalid'
        : name === 'FileError'
          ? 'file_refused'
          : name === 'FetchError'
            ? code === 'network'
              ? 'fetch_failed'
              : 'fetch_refused'
            : 'code_failed',
    message: message === '' ? name : `${name}: ${message}`,
    line: place?.line ?? null,
    column: place?.column ?? null,
  };
};
