import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FakeEnvironment, RunningFake } from '../../../fakes/serve-fake.ts';
import { serveFake } from '../../../fakes/serve-fake.ts';
import { sandboxLimits } from '../../../sandbox/limits.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { createNodeHarness, type NodeHarness, type RunOptions } from '../../../testing/run-node.ts';
import { run } from './activity.ts';

type Input = { readonly [name: string]: Parameters<NodeHarness['run']>[0] };

provesEveryFailure(run);

describe('code.run', () => {
  let sandbox: Sandbox;
  let server: RunningFake;
  let node: NodeHarness;
  const requests: string[] = [];

  beforeAll(async () => {
    sandbox = createSandbox({ places: 2 });
    sandbox.warm();
    const app = new Hono<FakeEnvironment>();
    app.all('*', async (context) => {
      const key = context.req.header('idempotency-key');
      requests.push(`${context.req.method} ${context.req.path}${key ? ` ${key.length}` : ''}`);
      const size = Number(context.req.query('bytes') ?? 0);
      return size > 0
        ? context.text('x'.repeat(size))
        : context.json({ path: context.req.path, sent: await context.req.text() });
    });
    server = await serveFake(app);
  });
  beforeEach(() => {
    node = createNodeHarness(run, { sandbox, allow: [`127.0.0.1:${server.port}`, '127.0.0.1:2'] });
    requests.length = 0;
    return () => node.close();
  });
  afterAll(async () => {
    await sandbox.close();
    await server.close();
  });

  const start = (code: string, more: Input = {}, options: RunOptions = {}) => node.run({ code, ...more }, options);
  const output = async (code: string, more: Input = {}) => {
    const ending = await start(code, more);
    if (!ending.ok) throw ending.error;
    return ending.output as { result: unknown; console: { level: string; text: string }[]; droppedLines: number };
  };
  const result = async (code: string, more: Input = {}) => (await output(code, more)).result;

  describe('runs', () => {
    it('JavaScript on the input, and returns its result', async () => {
      const input = {
        lines: [
          { price: 12.5, quantity: 2 },
          { price: 5, quantity: 1 },
        ],
      };
      const code = 'const total = input.lines.reduce((sum, l) => sum + l.price * l.quantity, 0);\nreturn { total };';
      expect(await output(code, { input })).toEqual({ result: { total: 30 }, console: [], droppedLines: 0 });
    });

    it('TypeScript, whose types it removes', async () => {
      const code =
        'interface Line { sku: string }\nconst skus = (input as Line[]).map(({ sku }: Line): string => sku);\nreturn skus;';
      expect(await result(code, { language: 'typescript', input: [{ sku: 'A' }] })).toEqual(['A']);
    });

    it.each(run.definition.examples)('its own example: $title', async ({ input, output }) => {
      expect(await node.run(input as Input)).toEqual({ ok: true, output: { droppedLines: 0, ...output } });
    });

    it('async code, timers included', async () => {
      const code = `
        const wait = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
        const unused = setTimeout(() => { throw new Error('cleared') }, 20);
        clearTimeout(unused);
        const all = await Promise.all([wait(30, 'a'), wait(10, 'b')]);
        for await (const one of (async function* () { yield 'c' })()) all.push(one);
        return all;`;
      expect(await result(code)).toEqual(['a', 'b', 'c']);
    });

    it('text with braces as it stands: code is no template', async () => {
      expect(await result('return "{{ trigger.body }}"')).toBe('{{ trigger.body }}');
    });

    it.each([
      ['', null],
      ['return', null],
      ['return { a: undefined, b: [undefined] }', { b: [null] }],
      ['return new Date(0)', '1970-01-01T00:00:00.000Z'],
      ['return "\\ud83d\\ude00 \\u2028"', '😀 \u2028'],
      ['return input', { nested: [1, { a: null }], text: 'ä' }],
    ])('gives what JSON makes of the result: %s', async (code, expected) => {
      const ending = await start(code === '' ? ';' : code, { input: { nested: [1, { a: null }], text: 'ä' } });
      expect(ending).toMatchObject({ ok: true, output: { result: expected } });
    });

    it('keeps what the code writes to its console, in order and with its level', async () => {
      const code = `console.log('total', 3, { a: [1] }, null, undefined, true); console.warn(new TypeError('odd'));
        console.error(Symbol('s'), 2n, () => 1); console.info('i'); console.debug('d'); return 1`;
      expect((await output(code)).console).toEqual([
        { level: 'log', text: 'total 3 {"a":[1]} null undefined true' },
        { level: 'warn', text: 'TypeError: odd' },
        { level: 'error', text: 'Symbol(s) 2n [function]' },
        { level: 'info', text: 'i' },
        { level: 'debug', text: 'd' },
      ]);
    });

    it('keeps as many lines as there is room for, and counts the others', async () => {
      const many = await output('for (let i = 0; i < 1000; i++) console.log(i); return 1');
      expect([many.console.length, many.droppedLines]).toEqual([
        sandboxLimits.consoleLines,
        1000 - sandboxLimits.consoleLines,
      ]);
      const long = await output('for (let i = 0; i < 100; i++) console.log("ä".repeat(5000)); return 1');
      expect(long.console[0]?.text).toHaveLength(sandboxLimits.consoleLineLength);
      expect(JSON.stringify(long.console).length).toBeLessThan(sandboxLimits.consoleBytes);
      expect(long.console.length + long.droppedLines).toBe(100);
    });

    it('shows neither code nor console to the operator’s log, but at level debug', async () => {
      await output('console.log("private words"); return 1');
      const info = node.ports.lines.filter(({ level }) => level !== 'debug');
      expect(JSON.stringify(info)).not.toMatch(/private|return/);
      expect(info).toContainEqual(
        expect.objectContaining({
          message: 'code ended',
          attributes: expect.objectContaining({ consoleLines: 1 }) as unknown,
        }),
      );
      expect(JSON.stringify(node.ports.lines)).toContain('private words');
    });
  });

  describe('names the failure', () => {
    it.each<[string, Input, string, string]>([
      [
        'let a = 1;\nlet b = ;',
        {},
        'code_invalid',
        "SyntaxError: unexpected token in expression: ';' (line 2, column 9)",
      ],
      ['return {', {}, 'code_invalid', 'line 1'],
      [
        'enum A { b }',
        { language: 'typescript' },
        'code_invalid',
        'enum is not supported in strip-only mode (line 1, column 1)',
      ],
      ['const a = 1;\nlet x: = 3', { language: 'typescript' }, 'code_invalid', '(line 2, column 8)'],
      ['import fs from "fs"', {}, 'code_invalid', 'SyntaxError'],
      [
        'const a = input;\n\n  a.b.c',
        {},
        'code_failed',
        "TypeError: cannot read property 'c' of undefined (line 3, column 6)",
      ],
      [
        'type T = string;\nthrow new RangeError("too far" as T)',
        { language: 'typescript' },
        'code_failed',
        'RangeError: too far (line 2, column',
      ],
      [
        'await null;\nundefinedName',
        {},
        'code_failed',
        "ReferenceError: 'undefinedName' is not defined (line 2, column 1)",
      ],
      ['undeclared = 1', {}, 'code_failed', 'ReferenceError'],
      ['console.log("so far"); throw "plain text"', {}, 'code_failed', 'Error: plain text\nConsole:\nlog: so far'],
      ['await new Promise(() => {})', {}, 'code_failed', 'waits for a promise that nothing can settle'],
      ['for (;;) {}', { timeoutSeconds: 1 }, 'code_timed_out', 'The code did not finish within 1 s.'],
      ['const a = []; for (;;) a.push("x".repeat(1e5))', { memoryMegabytes: 32 }, 'out_of_memory', 'more than 32 MB'],
      ['return { a: [1, 2n] }', {}, 'output_not_json', 'result.a.1 is a BigInt.'],
      ['return { a: { b: 0 / 0 } }', {}, 'output_not_json', 'result.a.b is NaN'],
      [
        'return { a: fetch("https://example.com") }',
        {},
        'output_not_json',
        'result.a is a promise. Put await before it.',
      ],
      ['return { seen: new Set([1]) }', {}, 'output_not_json', 'result.seen is a Map or Set.'],
      ['const a = {}; a.a = a; return a', {}, 'output_not_json', 'result contains itself.'],
      [
        'let a = 1; for (let i = 0; i < 101; i++) a = [a]; return a',
        {},
        'output_not_json',
        'more than 100 levels deep',
      ],
      ['return "x".repeat(1024 * 1024)', {}, 'output_too_large', '1048578 characters'],
      ['return fetch("https://example.com")', {}, 'fetch_refused', 'fetch is off in this step.'],
      [
        'return (await fetch("http://127.0.0.1:2/")).status',
        { fetch: 'read' },
        'fetch_failed',
        'FetchError: No connection to 127.0.0.1:2',
      ],
      [
        'return 1',
        { inputSchema: { $ref: '#' } },
        'unsupported_schema',
        'inputSchema: #: the keyword "$ref" is not supported.',
      ],
      ['return 1', { outputSchema: { type: 'text' } }, 'unsupported_schema', 'outputSchema: #/type'],
    ])('%s', async (code, more, type, message) => {
      const ending = await start(code, more);
      expect(ending).toMatchObject({ ok: false, type, details: { name: type, advice: expect.any(String) as string } });
      expect(ending.ok ? '' : ending.message).toContain(message);
      const again = ['code_timed_out', 'fetch_failed'];
      expect(ending.ok ? null : ending.retryable).toBe(again.includes(type));
    });

    it('of a process that dies, and tries again in another', async () => {
      const dying: Sandbox = {
        ...sandbox,
        run: async (orgId, program, handlers, signal) => {
          const dead = createSandbox({ places: 1, command: { file: '/bin/sh', arguments: ['-c', 'exit 3'] } });
          try {
            return await dead.run(orgId, program, handlers, signal);
          } finally {
            await dead.close();
          }
        },
      };
      const ending = await start('return 1', {}, { ports: { sandbox: dying } });
      expect(ending).toMatchObject({ type: 'sandbox_lost', retryable: true });
      expect(ending.ok ? '' : ending.message).toContain('ended by itself (exit code 3)');
      expect(await start('return 1', {}, { attempt: 2 })).toMatchObject({ ok: true });
    });
  });

  describe('holds the author to the schemas', () => {
    const inputSchema = { type: 'object', properties: { total: { type: 'number', minimum: 1 } }, required: ['total'] };

    it('of the input, before the code runs', async () => {
      const ending = await start('console.log("ran"); return 1', { inputSchema, input: { total: 'x' } });
      expect(ending).toMatchObject({
        type: 'invalid_input',
        retryable: false,
        message: 'input.total is string, not number.',
      });
      expect(await start('return 1', { inputSchema, input: {} })).toMatchObject({ message: 'input.total is missing.' });
      expect(await result('return input.total', { inputSchema, input: { total: 5 } })).toBe(5);
    });

    it('of the result', async () => {
      const outputSchema = { type: 'array', items: { type: 'integer' } };
      const code = 'return input';
      expect(await start(code, { outputSchema, input: [1, 'a', 2.5] })).toMatchObject({
        type: 'invalid_output',
        retryable: false,
        message: 'result.1 is string, not integer; result.2 is number, not integer.',
      });
      expect(await result(code, { outputSchema, input: [1] })).toEqual([1]);
    });

    it.each<[Input, string]>([
      [{ code: '' }, 'code: '],
      [{ code: 'return 1', timeoutSeconds: 61 }, 'timeoutSeconds: '],
      [{ code: 'return 1', memoryMegabytes: 1024 }, 'memoryMegabytes: '],
      [{ code: 'return 1', language: 'python' }, 'language: '],
      [{ code: 'return 1', fetch: true }, 'fetch: '],
    ])('of the node itself: %j', async (input, message) => {
      const ending = await node.run(input);
      expect(ending).toMatchObject({ type: 'invalid_input', retryable: false });
      expect(ending.ok ? '' : ending.message).toContain(message);
    });
  });

  describe('fetches', () => {
    it('to read, and hands on status, headers and body', async () => {
      const code = `const reply = await fetch(input.url + '/a?b=1');
        return [reply.status, reply.ok, reply.headers.get('Content-Type'), await reply.json()]`;
      expect(await result(code, { fetch: 'read', input: { url: server.url } })).toEqual([
        200,
        true,
        'application/json',
        { path: '/a', sent: '' },
      ]);
      expect(node.effect()).toBeUndefined();
    });

    it('to write, once, and confirms it in the ledger', async () => {
      const code = `const init = { method: 'post', headers: { 'Idempotency-Key': idempotencyKey }, body: JSON.stringify(input) };
        return (await (await fetch(input.url + '/orders', init)).json()).sent`;
      const more = { fetch: 'all', input: { url: server.url } };
      expect(await result(code, more)).toBe(JSON.stringify({ url: server.url }));
      expect(requests).toEqual(['POST /orders 64']);
      expect(node.effect()).toMatchObject({ state: 'confirmed' });
      expect(await result(code, more)).toBe(JSON.stringify({ url: server.url }));
      expect(requests).toHaveLength(1);
    });

    it('leaves what failed before it wrote to be tried again, and asks a person after it wrote', async () => {
      const more = { fetch: 'all', input: { url: server.url } };
      const early = await start('throw new Error("early")', more);
      expect(early).toMatchObject({ type: 'code_failed' });
      expect(early.ok ? null : early.details.unsure).toBeUndefined();
      expect(node.effect()).toMatchObject({ state: 'intent' });

      const late = await start(
        'await fetch(input.url, { method: "POST" }); throw new Error("late")',
        {
          ...more,
          input: { url: server.url, second: true },
        },
        { request: { generation: 2 } },
      );
      expect(late).toMatchObject({ type: 'effect_unsure', retryable: false, details: { unsure: true } });
      expect(late.ok ? '' : late.message).toContain('Error: late');
    });

    it('to write several at the same time', async () => {
      const code = `const all = [1, 2, 3, 4].map((i) => fetch(input.url + '/' + i, { method: 'POST' }));
        return (await Promise.all(all)).map(({ status }) => status)`;
      const more = { fetch: 'all', input: { url: server.url } };
      expect(await result(code, more)).toEqual([200, 200, 200, 200]);
      expect(requests).toHaveLength(4);
    });

    it('nothing more once the code has ended, however much of it still waited for its turn', async () => {
      const code = `for (let i = 0; i < 50; i += 1) fetch(input.url + '/' + i); throw new Error('enough')`;
      expect(await start(code, { fetch: 'read', input: { url: server.url } })).toMatchObject({ type: 'code_failed' });
      const underWay = requests.length + sandboxLimits.requestsAtOnce;
      await sleep(500);
      expect(requests.length).toBeLessThanOrEqual(underWay);
    });

    it('writes again where the builder accepts a double', async () => {
      const code = 'await fetch(input.url, { method: "POST" }); if (input.fail) throw new Error("late"); return 1';
      const more = { fetch: 'all', duplicates: 'at-least-once', input: { url: server.url, fail: true } };
      expect(await start(code, more)).toMatchObject({ type: 'code_failed' });
      expect(await start(code, more, { attempt: 2 })).toMatchObject({ type: 'code_failed' });
      expect(requests).toEqual(['POST /', 'POST /']);
    });

    it('no more than 50 times', async () => {
      const code = `let done = 0;
        for (;;) { try { await fetch(input.url); done++ } catch (error) { return [done, error.name, error.code, error.message] } }`;
      expect(await result(code, { fetch: 'read', input: { url: server.url } })).toEqual([
        50,
        'FetchError',
        'limit',
        'The code made more than 50 requests.',
      ]);
      expect(requests).toHaveLength(50);
    });

    it('five mebibytes altogether, to the byte', async () => {
      const code = `const sizes = [];
        for (const bytes of [5242879, 1, 1]) {
          try { sizes.push((await (await fetch(input.url + '/?bytes=' + bytes)).text()).length) } catch (error) { sizes.push(error.code) }
        }
        return sizes`;
      expect(await result(code, { fetch: 'read', input: { url: server.url }, memoryMegabytes: 128 })).toEqual([
        5242879,
        1,
        'limit',
      ]);
    });

    it('sends no more than a mebibyte', async () => {
      const code = `try { await fetch(input.url, { method: 'POST', body: 'x'.repeat(1048576) }) } catch (error) { return error.code }`;
      expect(await result(code, { fetch: 'all', input: { url: server.url } })).toBe('limit');
      expect(requests).toEqual([]);
    });

    it('reads only, where it may only read', async () => {
      const code = `const codes = [];
        for (const method of ['POST', 'put', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'GET / HTTP/1.1']) {
          try { await fetch(input.url, { method }) } catch (error) { codes.push(error.code) }
        }
        return codes`;
      expect(await result(code, { fetch: 'read', input: { url: server.url } })).toEqual(Array(8).fill('refused'));
      expect(requests).toEqual([]);
    });
  });

  it('says what it was refused about a file, when the code did not catch it', async () => {
    const ending = await start('return files.readText({ name: "a.txt", sha256: "none" })');
    expect(ending).toMatchObject({ ok: false, type: 'file_refused', retryable: false });
    expect(ending.ok ? '' : ending.message).toContain('a.txt');
  });

  it('stops at once when the run is cancelled', async () => {
    const before = performance.now();
    const ending = await start(
      'for (;;) {}',
      { timeoutSeconds: 30 },
      {
        startToCloseTimeoutMs: 60_000,
        environment: (environment) => void setTimeout(() => environment.cancel('CANCELLED'), 500),
      },
    );
    expect(ending.ok).toBe(false);
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(await result('return 1')).toBe(1);
  });
});
