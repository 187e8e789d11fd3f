import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../connectors/code/run/activity.ts';
import { createNodeHarness, type NodeHarness } from '../testing/run-node.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

interface ExpectedFailure {
  readonly type: string;
  readonly message: string;
}
type Expected =
  | { readonly result: unknown }
  | ExpectedFailure
  /** Reaches one of these limits; how fast the machine is decides which. */
  | { readonly first: readonly ExpectedFailure[] };

/** Steps of another organisation that run all the time, beside every attack. */
interface Neighbour {
  stop(): Promise<readonly { readonly isRight: boolean; readonly milliseconds: number }[]>;
}

let sandbox: Sandbox;
let node: NodeHarness;
let listener: Server;
let port: number;
let connections = 0;
let neighbour: Neighbour;
let payloads = 0;

const failuresOf = (expected: Expected): readonly ExpectedFailure[] => {
  if ('first' in expected) return expected.first;
  return 'type' in expected ? [expected] : [];
};

const isTimeOut = (expected: Expected): boolean => failuresOf(expected).some(({ type }) => type === 'code_timed_out');

/** Runs the code and holds its ending to the one that is expected. Only what never ends is stopped after one second. */
const attack = async (code: string, expected: Expected, more: object = {}, orgId?: string): Promise<void> => {
  payloads += 1;
  const input = { code, timeoutSeconds: isTimeOut(expected) ? 1 : 20, memoryMegabytes: 32, ...more };
  const path = `attack${payloads}`;
  const ending = await node.run(input as never, { request: orgId === undefined ? { path } : { path, orgId } });
  if ('result' in expected) {
    expect(ending).toMatchObject({ ok: true });
    expect(ending.ok ? (ending.output as { result: unknown }).result : null).toEqual(expected.result);
  } else {
    const failures = failuresOf(expected);
    expect(ending.ok ? 'no failure' : ending.type).toBeOneOf(failures.map(({ type }) => type));
    const meant = failures.find(({ type }) => !ending.ok && ending.type === type);
    expect(ending.ok ? '' : ending.message).toContain(meant?.message);
  }
};

/** Rows for `it.each`, each with a title that can be read. */
const titled = <Row extends readonly [string, Expected]>(rows: readonly Row[]): [string, string, Expected][] =>
  rows.map(([code, expected]) => [code.length > 110 ? `${code.slice(0, 110)}…` : code, code, expected]);

const startNeighbour = (): Neighbour => {
  const samples: { isRight: boolean; milliseconds: number }[] = [];
  let isStopped = false;
  const loop = (async () => {
    for (let index = 0; !isStopped; index += 1) {
      const before = performance.now();
      const ending = await node.run(
        { code: 'console.log(input.n); return input.n * 2', input: { n: index } },
        { request: { orgId: 'org_neighbour' } },
      );
      const right = { ok: true, output: { result: index * 2, console: [{ level: 'log', text: String(index) }] } };
      expect.soft(ending).toMatchObject(right);
      samples.push({ isRight: ending.ok, milliseconds: performance.now() - before });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await loop;
      return samples;
    },
  };
};

beforeAll(async () => {
  listener = createServer((_request, response) => response.end('reached'));
  listener.on('connection', () => {
    connections += 1;
  });
  listener.listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  ({ port } = listener.address() as AddressInfo);
  sandbox = createSandbox({ places: 3 });
  node = createNodeHarness(run, { sandbox });
  await node.run({ code: 'return 1' }, { request: { orgId: 'org_neighbour' } });
  neighbour = startNeighbour();
});

afterAll(async () => {
  await node.close();
  await sandbox.close();
  listener.close();
});

describe('ways out of the language', () => {
  const globals =
    'typeof process + typeof require + typeof module + typeof Buffer + typeof Deno + typeof Bun + typeof window';
  it.each(
    titled([
      [`return ${globals}`, { result: 'undefined'.repeat(7) }],
      ['return this === undefined', { result: true }],
      ['return (() => {}).constructor("return typeof process")()', { result: 'undefined' }],
      ['return [].constructor.constructor("return this.process")()', { result: null }],
      ['return (async () => {}).constructor("return typeof require")().then((t) => t)', { result: 'undefined' }],
      ['return Reflect.construct(Function, ["return typeof globalThis.process"])()', { result: 'undefined' }],
      ['return (function* () {}).constructor("yield typeof process")().next().value', { result: 'undefined' }],
      ['return console.log.constructor("return typeof process")()', { result: 'undefined' }],
      ['return setTimeout.constructor.constructor("return typeof process")()', { result: 'undefined' }],
      [
        'return `${"cons" + "tructor"}` in console && console.log["cons" + "tructor"]("return typeof process")()',
        { result: 'undefined' },
      ],
      ['return eval("typeof process")', { result: 'undefined' }],
      ['return (0, eval)("this.constructor.constructor(\'return typeof process\')()")', { result: 'undefined' }],
      [
        'return new Function("return typeof globalThis.constructor.constructor(\'return process\')")()',
        { result: 'function' },
      ],
      ['return await import("node:fs")', { type: 'code_failed', message: "could not load module 'node:fs'" }],
      [
        'return await import("data:text/javascript,export default 1")',
        { type: 'code_failed', message: 'could not load module' },
      ],
      ['return await import("file:///etc/passwd")', { type: 'code_failed', message: 'could not load module' }],
      ['import "node:fs"', { type: 'code_invalid', message: 'SyntaxError' }],
      ['export default 1', { type: 'code_invalid', message: 'SyntaxError' }],
      ['return import.meta.url', { type: 'code_invalid', message: 'SyntaxError' }],
      ['return require("child_process").execSync("id")', { type: 'code_failed', message: "'require' is not defined" }],
      ['return process.binding("spawn_sync")', { type: 'code_failed', message: "'process' is not defined" }],
      ['return arguments.callee.caller', { type: 'code_failed', message: 'TypeError' }],
      ['const f = () => f.caller; return f()', { type: 'code_failed', message: 'TypeError' }],
      ['return new Error().stack.includes("/")', { result: false }],
      [
        'return Object.getOwnPropertyNames(globalThis).filter((n) => /std|os|bjson|worker|print|load|script/i.test(n))',
        { result: [] },
      ],
      ['return typeof WebAssembly + typeof SharedArrayBuffer', { result: 'undefinedfunction' }],
      ['return typeof WeakRef + typeof FinalizationRegistry', { result: 'functionfunction' }],
      ['}); globalThis.escaped = 1; (function () { return 7', { result: 7 }],
      ['})(); throw new Error("outside"); (async function () {', { type: 'code_failed', message: 'Error: outside' }],
      ['with (console) { log(1) }', { type: 'code_invalid', message: 'SyntaxError' }],
      ['return "\\u2028*/}); process.exit(); /*"', { result: '\u2028*/}); process.exit(); /*' }],
    ]),
  )('%s', async (_title, code, expected) => {
    await attack(code, expected);
  });

  it.each(
    titled([
      ['return (globalThis as any).process?.env ?? "none"', { result: 'none' }],
      ['enum A { b = (globalThis as any).process }', { type: 'code_invalid', message: 'enum is not supported' }],
      ['namespace A { export const b = 1 }', { type: 'code_invalid', message: 'is not supported' }],
      [
        'declare const process: { exit(): never }; process.exit()',
        { type: 'code_failed', message: "'process' is not defined" },
      ],
      ['import fs = require("fs")', { type: 'code_invalid', message: '' }],
      ['/// <reference path="/etc/passwd" />\nreturn 1', { result: 1 }],
      ['return <any>1', { type: 'code_invalid', message: 'angle-bracket syntax' }],
      ['@(() => {}) class A {}', { type: 'code_invalid', message: '' }],
      ['type A<T> = T extends [infer H, ...infer R] ? A<R> : never;\nreturn 1 satisfies A<[]> | number', { result: 1 }],
      [
        `return 1 as ${'Array<'.repeat(13_000)}1${'>'.repeat(13_000)}`,
        { type: 'code_invalid', message: 'TypeScript cannot be read' },
      ],
    ]),
  )('TypeScript: %s', async (_title, code, expected) => {
    await attack(code, expected, { language: 'typescript' });
  });
});

describe('pollution', () => {
  it.each(
    titled([
      ['Object.prototype.ok = true; Object.prototype.resultText = "1"; return {}', { result: {} }],
      ['Object.prototype.toJSON = () => "mine"; return { a: 1 }', { result: 'mine' }],
      ['JSON.stringify = () => "mine"; JSON.parse = () => "mine"; return [1]', { result: [1] }],
      ['Promise.prototype.then = () => {}; return 1', { result: 1 }],
      ['Promise.resolve = () => ({}); Reflect.apply = () => 9; return 1', { result: 1 }],
      ['Array.prototype[Symbol.iterator] = function* () {}; return [1, 2]', { result: [1, 2] }],
      [
        'Object.defineProperty(Array.prototype, "0", { set() { throw 1 } }); return [3]',
        { type: 'code_failed', message: 'waits for a promise' },
      ],
      ['String.prototype.slice = () => "x".repeat(1e6); console.log("y".repeat(5000)); return 1', { result: 1 }],
      ['globalThis.console = null; globalThis.setTimeout = null; return 1', { result: 1 }],
      ['Object.freeze(Promise.prototype); Object.freeze(Function.prototype); return 1', { result: 1 }],
      [
        'delete globalThis.JSON; delete globalThis.Promise; delete globalThis.Object; return { a: 1 }',
        { result: { a: 1 } },
      ],
      ['Function.prototype.call = () => "called"; Function.prototype.apply = () => "applied"; return 1', { result: 1 }],
      [
        'return JSON.parse(\'{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}\')',
        { result: { constructor: { prototype: { polluted: 1 } } } },
      ],
    ]),
  )('stays inside: %s', async (_title, code, expected) => {
    await attack(code, expected);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    await attack('return [typeof Object.prototype.ok, JSON.stringify([1])]', { result: ['undefined', '[1]'] });
  });

  it('leaves nothing for the next step of the same organisation, nor for another’s', async () => {
    const secret =
      'globalThis.canary = "c-8f2"; Object.prototype.canary = "c-8f2"; Array.prototype.canary = "c-8f2"; console.log.canary = 1; return 1';
    await attack(secret, { result: 1 });
    const probe = 'return [typeof canary, ({}).canary, [].canary, console.log.canary].map(String)';
    const nothing = { result: ['undefined', 'undefined', 'undefined', 'undefined'] };
    await attack(probe, nothing);
    await attack(probe, nothing, {}, 'org_other');
    const memory = 'const bytes = new Uint8Array(20e6); return bytes.every((byte) => byte === 0)';
    await attack(memory, { result: true }, { timeoutSeconds: 20 }, 'org_other');
  });
});

describe('exhaustion', () => {
  const time: Expected = { type: 'code_timed_out', message: 'did not finish within 1 s' };
  const memory: Expected = { type: 'out_of_memory', message: 'more than 32 MB' };
  it.each(
    titled([
      ['for (;;) {}', time],
      ['while (true) { try { while (true) {} } catch {} finally { continue } }', time],
      ['for (;;) await 0', time],
      ['const spin = () => Promise.resolve().then(spin); await spin()', { first: [time, memory] }],
      [
        'const spin = () => { Promise.resolve().then(spin); Promise.resolve().then(spin) }; spin(); await new Promise(() => {})',
        { first: [time, memory] },
      ],
      ['const again = () => setTimeout(again, 0); again(); await new Promise(() => {})', time],
      ['await new Promise((resolve) => setTimeout(resolve, 1e12))', time],
      ['for (;;) setTimeout(() => {}, 1e6)', { type: 'code_failed', message: 'More than 1000 timers wait.' }],
      ['return /^(a+)+$/.test("a".repeat(40) + "!")', time],
      ['return /(x+x+)+y/.exec("x".repeat(60))', time],
      ['return Array(2 ** 32 - 1).join("x").length', time],
      ['return Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)', time],
      ['return [].indexOf.call({ length: 2 ** 53 - 1 }, 1)', time],
      ['const a = {}; a.then = (next) => next(a); return a', time],
      ['return new Proxy([], { get: (t, k) => (k === "length" ? 2 ** 32 - 1 : 1) })', time],
      ['"x".repeat(2 ** 30 - 1)', memory],
      ['"x".repeat(2 ** 30)', { type: 'code_failed', message: 'RangeError: invalid string length' }],
      ['const s = ["x".repeat(1e6)]; for (;;) s.push(s[0] + s.length)', memory],
      ['const a = []; for (;;) a.push(new Uint8Array(1e6))', memory],
      ['return new ArrayBuffer(2 ** 31 - 1)', memory],
      ['const m = new Map(); for (let i = 0; ; i++) m.set({}, i)', memory],
      [
        'globalThis.all = []; for (;;) { try { for (;;) all.push("x".repeat(1e5) + all.length) } catch { break } } return all.length > 100',
        { result: true },
      ],
      ['let o = {}; for (;;) o = { o }', memory],
      ['return 2n ** (2n ** 40n)', { type: 'code_failed', message: 'RangeError: BigInt is too large' }],
      ['const f = () => f(); f()', { type: 'code_failed', message: 'InternalError: stack overflow' }],
      ['const f = () => { try { f() } finally { f() } }; f()', time],
      ['return JSON.parse("[".repeat(1e5) + "]".repeat(1e5))', { type: 'code_failed', message: 'stack overflow' }],
      [
        'let o = {}; const root = o; for (let i = 0; i < 5e4; i++) { o.a = {}; o = o.a } return root',
        { type: 'output_not_json', message: 'more than 100 levels deep' },
      ],
      [
        `return ${'['.repeat(900)}${']'.repeat(900)}`,
        { type: 'output_not_json', message: 'more than 100 levels deep' },
      ],
      [`return ${'('.repeat(90_000)}`, { type: 'code_failed', message: 'stack overflow' }],
      ['for (;;) console.log("x".repeat(1e6))', time],
      ['for (let i = 0; i < 1e5; i++) console.error(i); return 1', { result: 1 }],
      ['console.log({ toJSON() { for (;;) {} } })', time],
      ['return Array(1e6).fill("x")', { type: 'output_too_large', message: 'characters' }],
      ['return "\\u0000".repeat(9e5)', { type: 'output_too_large', message: 'characters' }],
      ['return "\\ud800".repeat(5e5)', { type: 'output_too_large', message: 'characters' }],
      ['return "é".repeat(7e5)', { result: 'é'.repeat(7e5) }],
      ['await new Promise(() => {})', { type: 'code_failed', message: 'waits for a promise' }],
      ['new Promise(() => {}); return 1', { result: 1 }],
      ['return Symbol("x")', { type: 'output_not_json', message: 'result is a symbol.' }],
    ]),
  )('%s', async (_title, code, expected) => {
    const before = performance.now();
    await attack(code, expected);
    // One second of its own, a tenth of grace, and the rest for a busy machine.
    if (isTimeOut(expected)) expect(performance.now() - before).toBeLessThan(8_000);
  });
});

describe('traps on the way back', () => {
  it.each(
    titled([
      ['return { get a() { throw new Error("getter") } }', { type: 'code_failed', message: 'Error: getter' }],
      ['return { toJSON() { throw new TypeError("no") } }', { type: 'code_failed', message: 'TypeError: no' }],
      [
        'return { toJSON() { return { toJSON() { return "twice" } } } }',
        { type: 'output_not_json', message: 'result.toJSON is a function' },
      ],
      [
        'return new Proxy({}, { ownKeys() { throw new Error("keys") } })',
        { type: 'code_failed', message: 'Error: keys' },
      ],
      ['return new Proxy(() => {}, {})', { type: 'output_not_json', message: 'is a function' }],
      [
        'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy',
        { type: 'code_failed', message: 'TypeError' },
      ],
      [
        'throw new Proxy(new Error("x"), { get() { throw new Error("trap") } })',
        { type: 'code_failed', message: 'Error' },
      ],
      ['throw { get message() { throw 1 }, get stack() { for (;;) {} } }', { type: 'code_timed_out', message: '' }],
      ['throw undefined', { type: 'code_failed', message: 'Error: undefined' }],
      ['throw Symbol("thrown")', { type: 'code_failed', message: 'Symbol(thrown)' }],
      ['throw { name: "FetchError", code: "network", message: "forged" }', { type: 'fetch_failed', message: 'forged' }],
      [
        'throw Object.assign(new Error("far"), { stack: "at code:9999999:1" })',
        { type: 'code_failed', message: 'Error: far' },
      ],
      [
        'throw Object.assign(new Error("x".repeat(1e6)), { stack: "y".repeat(1e6), name: "z".repeat(1e6) })',
        { type: 'code_failed', message: 'zzz' },
      ],
      ['throw Object.assign(new Error(), { message: "\\ud83d", name: "N" })', { type: 'code_failed', message: 'N: ' }],
      [
        'Error.prepareStackTrace = (e, frames) => frames; throw new Error("frames")',
        { type: 'code_failed', message: 'Error: frames' },
      ],
      [
        'console.log(\'{"type":"ended","ending":{"ok":true,"resultText":"666"},"spent":false}\'); return 1',
        { result: 1 },
      ],
      ['console.log("\\u0000\\u0000\\u0000\\u0010{\\"type\\":\\"ready\\"}"); return 1', { result: 1 }],
      [
        'return { ok: false, failure: "cancelled", type: "ended" }',
        { result: { ok: false, failure: 'cancelled', type: 'ended' } },
      ],
    ]),
  )('%s', async (_title, code, expected) => {
    await attack(code, expected);
  });
});

describe('fetch', () => {
  const refused = (spelling: string) =>
    `try { const r = await fetch(${JSON.stringify(spelling)}); return r.status } catch (error) { return error.code }`;
  it.each([
    'http://127.0.0.1:PORT/',
    'http://localhost:PORT/',
    'http://127.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f000001:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://0:PORT/',
    'http://0.0.0.0:PORT/',
    'http://[::1]:PORT/',
    'http://[::]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://[64:ff9b::7f00:1]:PORT/',
    'http://127.0.0.1.:PORT/',
    'http://127。0。0。1:PORT/',
    'http://①②⑦.0.0.1:PORT/',
    'http:127.0.0.1:PORT',
    'http://user@127.0.0.1:PORT/',
    'http://a:b@127.0.0.1:PORT/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'http://100.100.100.200/',
    'http://[fd00:ec2::254]/',
    'http://192.168.0.1/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'javascript:1',
    'ftp://127.0.0.1/',
    'blob:null/1',
    'ws://127.0.0.1:PORT/',
    '//127.0.0.1:PORT/',
    '/etc/passwd',
    '',
    'http://',
    'http://127.0.0.1:5432/',
    'http://127.0.0.1:7233/',
  ])('to %s is refused', async (spelling) => {
    const before = connections;
    await attack(refused(spelling.replace('PORT', String(port))), { result: 'refused' }, { fetch: 'all' });
    expect(connections).toBe(before);
  });

  const init = (value: string) =>
    `try { await fetch("http://192.0.2.1/", ${value}); return "sent" } catch (error) { return error.code ?? error.name }`;
  it.each(
    titled([
      [init('{ headers: { host: "internal" } }'), { result: 'refused' }],
      [init('{ headers: { "Transfer-Encoding": "chunked" } }'), { result: 'refused' }],
      [init('{ headers: { "content-length": "0" } }'), { result: 'refused' }],
      [init('{ headers: { "x-a": "1\\r\\nHost: internal" } }'), { result: 'refused' }],
      [init('{ headers: { "x-a\\r\\nhost": "1" } }'), { result: 'refused' }],
      [init('{ headers: { "x-a": "\\u010a\\u010d" } }'), { result: 'refused' }],
      [init('{ headers: [["Connection", "Upgrade"], ["upgrade", "h2c"]] }'), { result: 'refused' }],
      [init('{ headers: { "proxy-authorization": "Basic x" } }'), { result: 'refused' }],
      [init('{ method: "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\nGET" }'), { result: 'refused' }],
      [init('{ method: "CONNECT" }'), { result: 'refused' }],
      [init('{ dispatcher: {}, agent: {}, socketPath: "/var/run/docker.sock" }'), { result: 'refused' }],
      [init('{ redirect: "error" }'), { result: 'TypeError' }],
      [init('{ method: "POST", body: { pipe() {} } }'), { result: 'TypeError' }],
      [init('{ get headers() { throw new RangeError("getter") } }'), { result: 'RangeError' }],
      [
        'const url = { toString: () => "file:///etc/passwd" }; try { await fetch(url) } catch (error) { return error.code }',
        { result: 'refused' },
      ],
      [
        'const all = await Promise.allSettled(Array.from({ length: 200 }, () => fetch("http://127.0.0.1/"))); return all.filter(({ reason }) => reason.code === "limit").length',
        { result: 150 },
      ],
      ['for (;;) { try { await fetch("http://127.0.0.1/") } catch {} }', { type: 'code_timed_out', message: '' }],
      ['fetch("http://127.0.0.1/"); return 1', { result: 1 }],
    ]),
  )('%s', async (_title, code, expected) => {
    await attack(code, expected, { fetch: 'all', duplicates: 'at-least-once' });
  });
});

it('none of it touched a neighbour or reached a listener, and there were enough of them', async () => {
  const samples = await neighbour.stop();
  expect(samples.length).toBeGreaterThan(payloads / 10);
  expect(samples.every(({ isRight }) => isRight)).toBe(true);
  const times = samples.map(({ milliseconds }) => milliseconds).toSorted((one, other) => one - other);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  const late = times.filter((milliseconds) => milliseconds > Math.max(20 * median, 2_000));
  expect(late.length).toBeLessThanOrEqual(times.length / 50);
  expect(connections).toBe(0);
  expect(payloads).toBeGreaterThanOrEqual(60);
});
