import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('./testing/log-and-end.ts', import.meta.url));

/** What a process of its own has written when it has ended so. */
const endedBy = async (how: string) => {
  const child = spawn(process.execPath, [program, how], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const [lines, told, ending] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const messages = lines
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { message: string }).message);
  return { ...ending, messages, told };
};

const lines = ['line 1', 'line 2', 'line 3'];

describe('standard output', () => {
  it.each([
    ['end of work', { code: 0, messages: lines }],
    ['exit', { code: 3, messages: lines }],
    ['uncaught error', { code: 1, messages: lines }],
    ['signal', { code: 0, messages: [...lines, 'stopping'] }],
    ['unheard signal', { signal: 'SIGTERM', messages: lines }],
    ['second signal', { signal: 'SIGTERM', messages: lines }],
  ])('has every line of a process that ends by %s', async (how, expected) => {
    expect(await endedBy(how)).toMatchObject(expected);
  });

  it('has an error at once, and what was said before it', async () => {
    const { signal, messages, told } = await endedBy('error');
    expect({ signal, messages }).toEqual({ signal: 'SIGKILL', messages: [...lines, 'line 4'] });
    expect(told).toBe('writes before the error: 0\nwrites after it: 1\n');
  });

  it('has everything else a moment later', async () => {
    const { messages, told } = await endedBy('waiting');
    expect(messages).toEqual(lines);
    const after = Number(/^written after (\d+) ms$/m.exec(told)?.[1]);
    expect(after).toBeGreaterThan(50);
    expect(after).toBeLessThan(1_000);
  });

  it('has many lines in few writes, in their order', async () => {
    const { messages, told } = await endedBy('many lines');
    expect(messages).toEqual(Array.from({ length: 1_000 }, (_, index) => `line ${index + 1}`));
    expect(Number(/^writes: (\d+)$/m.exec(told)?.[1])).toBeLessThan(50);
  });
});
