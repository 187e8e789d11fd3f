import { describe, expect, it } from 'vitest';
import { allQueues, parseQueues } from './queues.ts';

describe('the queues that a worker serves', () => {
  it('are all that a plan can name, when nothing is said', () => {
    expect(parseQueues(' ').map(({ name }) => name)).toEqual(['flow', 'heavy', 'code', 'money']);
    expect(parseQueues('')).toEqual(allQueues());
    for (const { stepsAtOnce } of allQueues()) expect(stepsAtOnce).toBeGreaterThanOrEqual(2);
  });

  it('are those that are named, each with its number of steps at once', () => {
    const code = allQueues().find(({ name }) => name === 'code');
    expect(parseQueues('flow:30, code')).toEqual([{ name: 'flow', stepsAtOnce: 30 }, code]);
  });

  it.each([
    ['flows', 'There is no queue "flows". There are: flow, heavy, code, money.'],
    ['__proto__', 'There is no queue "__proto__"'],
    ['flow,flow:2', 'flow stands here twice.'],
    ['code:0', 'Behind code: stands the number of steps at once, 1 to 1000, not "0".'],
    ['code:1e2', 'not "1e2"'],
    ['code:', 'not ""'],
  ])('are refused in words: %s', (text, message) => {
    expect(() => parseQueues(text)).toThrow(message);
  });
});
