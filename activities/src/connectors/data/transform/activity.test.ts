import { describe, expect, it, onTestFinished } from 'vitest';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { createNodeHarness } from '../../../testing/run-node.ts';
import { transform } from './activity.ts';

const run = (input: Parameters<ReturnType<typeof createNodeHarness>['run']>[0]) => {
  const node = createNodeHarness(transform);
  onTestFinished(() => node.close());
  return node.run(input);
};

provesEveryFailure(transform);

describe('data.transform', () => {
  it('sets fields by name and by path, keeps the base, and removes', async () => {
    expect(
      await run({
        base: { id: 7, contact: { phone: '1' }, note: 'x', deep: { keep: 1, drop: 2 } },
        fields: { 'contact.email': 'a@example.com', tags: ['new'], vip: true },
        remove: ['note', 'deep.drop', 'missing.path'],
      }),
    ).toEqual({
      ok: true,
      output: {
        value: {
          id: 7,
          contact: { phone: '1', email: 'a@example.com' },
          deep: { keep: 1 },
          tags: ['new'],
          vip: true,
        },
      },
    });
  });

  it('needs no base', async () => {
    expect(await run({ fields: { 'a.b.c': null } })).toEqual({
      ok: true,
      output: { value: { a: { b: { c: null } } } },
    });
  });

  it('refuses a path through a value', async () => {
    expect(await run({ base: { a: 'text' }, fields: { 'a.b': 1 } })).toMatchObject({
      type: 'path_conflict',
      retryable: false,
      message: '"a.b" lies inside a field that is not an object.',
    });
  });

  it.each(['__proto__.polluted', 'a.__proto__.polluted', '__proto__'])('refuses the path %s', async (path) => {
    expect(await run({ fields: { [path]: 1 } as never })).not.toMatchObject({ output: { value: { polluted: 1 } } });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('cannot reach a prototype through constructor.prototype', async () => {
    expect(await run({ fields: { 'constructor.prototype.polluted': 1 } })).toMatchObject({ ok: true });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('names the field of a bad input', async () => {
    expect(await run({ fields: { 'a..b': 1 } })).toMatchObject({ type: 'invalid_input', retryable: false });
    expect(await run({})).toMatchObject({
      type: 'invalid_input',
      message: expect.stringContaining('fields: ') as string,
    });
  });
});
