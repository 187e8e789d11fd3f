import { expect, it } from 'vitest';
import { createLogger } from './logger.ts';

const linesOf = (work: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] => {
  const lines: string[] = [];
  work(createLogger({ service: 'worker', level: 'info', write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
};

it('writes one JSON object per line, with level, time, service, message and attributes', () => {
  const [line] = linesOf((logger) => logger.with({ requestId: 'req_1' }).info('run started', { runId: 'run_1' }));
  expect(line).toMatchObject({
    level: 'info',
    service: 'worker',
    message: 'run started',
    runId: 'run_1',
    requestId: 'req_1',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
});

it('leaves out what is below its level', () => {
  expect(linesOf((logger) => logger.debug('detail'))).toEqual([]);
});

it('shows an error with the errors behind it', () => {
  const [line] = linesOf((logger) =>
    logger.error('step failed', { error: new Error('outer', { cause: new Error('inner') }) }),
  );
  expect(line).toMatchObject({ error: { message: 'outer', cause: { message: 'inner' } } });
});

it('leaves out what else hangs on an error', () => {
  const error = Object.assign(new Error('refused'), { code: 'E1', response: { token: 'canary' } });
  const [line] = linesOf((logger) => logger.error('call failed', { error }));
  expect(line).toMatchObject({ error: { name: 'Error', message: 'refused', code: 'E1' } });
  expect(JSON.stringify(line)).not.toContain('canary');
});
