import { describe, expect, it } from 'vitest';
import { createPaint, lastWords, renderLog } from './render-log.ts';

const plain = createPaint(false, {});
const now = () => new Date(2026, 10, 21, 12, 0, 1);
const render = (line: string) => renderLog('api', line, plain, now);

describe('renderLog', () => {
  it('shows time, service, message and attributes of a JSON line', () => {
    const time = new Date(2026, 10, 21, 8, 30, 15).toISOString();
    const line = JSON.stringify({
      level: 'info',
      time,
      service: 'api',
      message: 'run started',
      runId: 'run_1',
      took: 12,
    });
    expect(render(line)).toBe('08:30:15 api      run started runId=run_1 took=12');
  });

  it('names the level where it is trouble, in words and in numbers', () => {
    expect(render('{"level":"warn","message":"slow"}')).toBe('12:00:01 api      warning: slow');
    expect(render('{"level":50,"msg":"broken"}')).toBe('12:00:01 api      error: broken');
  });

  it('shows the message of an error and not its stack', () => {
    expect(render('{"message":"failed","error":{"message":"no such file","stack":"…"}}')).toBe(
      '12:00:01 api      failed error="no such file"',
    );
  });

  it('leaves a line that is no JSON as it is', () => {
    expect(render('{not json')).toBe('12:00:01 api      {not json');
  });

  it.each([
    ['a plain line', 'up \u001b]0;owned\u0007\u001b[2J\u009bJ done\r'],
    ['a message', JSON.stringify({ message: 'up \u001b[2J\u0007 done' })],
    ['an attribute', JSON.stringify({ message: 'up', reason: '\u001b[2J\u0007' })],
    ['an error', JSON.stringify({ message: 'up', error: { message: '\u009b2J\u001b[2J' } })],
  ])('takes out what a terminal would obey: %s', (_what, line) => {
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    expect(render(line)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  it('uses colours on a terminal only, and never where NO_COLOR is set', () => {
    expect(createPaint(true, {})('red', 'x')).toBe('\u001b[31mx\u001b[0m');
    expect(createPaint(true, { NO_COLOR: '1' })('red', 'x')).toBe('x');
    expect(createPaint(false, {})('red', 'x')).toBe('x');
  });
});

describe('lastWords', () => {
  it('is the last line a process wrote', () => {
    expect(lastWords(['starting', 'The key is wrong.', ''])).toBe('The key is wrong.');
  });

  it('is the error, not the end of its stack', () => {
    expect(lastWords(['Error: no port', '    at main', '', 'Node.js v24.21.0'])).toBe('Error: no port');
  });

  it('is message and cause of a JSON line', () => {
    expect(lastWords(['{"level":"fatal","message":"cannot start","error":{"message":"no database"}}'])).toBe(
      'cannot start: no database',
    );
  });

  it('is nothing when nothing was said', () => {
    expect(lastWords([])).toBeNull();
  });
});
