import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDeferred } from './deferred.ts';
import { sandboxLimits } from './limits.ts';
import type { FetchReply, Program } from './messages.ts';
import { sandboxCommand } from './sandbox-command.ts';
import { SandboxLost } from './sandbox-process.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';

const handlers = {
  log: () => {},
  fetch: () => Promise.reject(new Error('nobody fetches here')),
  file: () => Promise.reject(new Error('nobody reads a file here')),
};
const never = new AbortController().signal;

const aProgram = (code: string, more: Partial<Program> = {}): Program => ({
  language: 'javascript',
  code,
  inputText: '{}',
  idempotencyKey: 'key',
  timeoutMs: 10_000,
  memoryBytes: 32 * 1024 * 1024,
  hasFetch: false,
  ...more,
});

const aSandbox = (options: SandboxOptions): Sandbox => {
  const sandbox = createSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
};

/** A sandbox whose processes do as this script says, instead of what ours do. */
const anImpostor = (script: string): Sandbox => {
  const prelude = `
    const send = (message) => { const body = Buffer.from(JSON.stringify(message)); const head = Buffer.alloc(4); head.writeUInt32BE(body.length); process.stdout.write(Buffer.concat([head, body])); };
    process.stdin.on('end', () => process.exit());
    const onProgram = (then) => process.stdin.once('data', then);
    const ended = { type: 'ended', ending: { ok: true, resultText: '1' }, droppedLines: 0, spent: false };`;
  return aSandbox({ places: 1, command: { file: process.execPath, arguments: ['-e', `${prelude}\n${script}`] } });
};

const resultOf = async (sandbox: Sandbox, orgId: string, code: string): Promise<string> => {
  const { ending } = await sandbox.run(orgId, aProgram(code), handlers, never);
  return ending.ok ? ending.resultText : `${ending.failure}: ${ending.message}`;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const until = async (isDone: () => boolean, withinMs = 20_000): Promise<boolean> => {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(50)) if (isDone()) return true;
  return isDone();
};

/** Sandbox processes of a parent, by pid. */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

describe('the processes of the sandbox', () => {
  it('run as many programs at a time as there are places; others wait their turn', async () => {
    const sandbox = aSandbox({ places: 2 });
    const order: string[] = [];
    const slow = 'await new Promise((resolve) => setTimeout(resolve, 300)); return 1';
    await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map(async (name) => {
        await resultOf(sandbox, 'org', slow);
        order.push(name);
        expect(childrenOf(process.pid).length).toBeLessThanOrEqual(3);
      }),
    );
    expect(order).toHaveLength(5);
    expect(order.indexOf('e')).toBeGreaterThan(order.indexOf('a'));
  });

  it.runIf(process.platform === 'linux')('never serve two organisations', async () => {
    const sandbox = aSandbox({ places: 1 });
    const before = childrenOf(process.pid);
    const own = () => childrenOf(process.pid).filter((pid) => !before.includes(pid));
    const usedBy = async (orgId: string) => {
      const idle = own();
      await resultOf(sandbox, orgId, 'return 1');
      return { idle, after: own() };
    };
    const first = await usedBy('org_a');
    const again = await usedBy('org_a');
    expect(again.after).toEqual(expect.arrayContaining(first.idle));
    const seen = new Set(again.after);
    // One place and one spare: by the third organisation the first one's process is gone.
    await usedBy('org_b');
    await usedBy('org_c');
    await usedBy('org_d');
    expect(await until(() => own().every((pid) => !seen.has(pid)))).toBe(true);
  });

  it.runIf(process.platform === 'linux')('have an empty environment, and give way to the worker', async () => {
    process.env['EVERWAVE_TEST_CANARY'] = 'c-31';
    onTestFinished(() => void delete process.env['EVERWAVE_TEST_CANARY']);
    const before = childrenOf(process.pid);
    const sandbox = aSandbox({ places: 1 });
    await resultOf(sandbox, 'org', 'return 1');
    const own = childrenOf(process.pid).filter((pid) => !before.includes(pid));
    expect(own.length).toBeGreaterThan(0);
    for (const pid of own) {
      const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
      // The shell sets these itself.
      expect(variables.filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line))).toEqual([]);
      const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
      expect(Number(rest.split(' ')[16])).toBeGreaterThan(0);
      const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
      expect(limits).toMatch(/Max core file size +0 +0/);
      expect(limits).toMatch(/Max file size +0 +0/);
      expect(limits).toMatch(/Max cpu time +240 +240/);
    }
  });

  it('may read nothing but their own code, start nothing, and evaluate no text', async () => {
    const { file, arguments: args } = sandboxCommand();
    const script = `
      const tries = {
        read: () => require('fs').readFileSync('/etc/passwd'),
        readOwnRepository: () => require('fs').readFileSync(${JSON.stringify(join(import.meta.dirname, '../../package.json'))}),
        write: () => require('fs').writeFileSync('/tmp/everwave-sandbox-canary', 'x'),
        spawn: () => require('child_process').spawnSync('id'),
        thread: () => new (require('worker_threads').Worker)('1', { eval: true }),
        addon: () => process.dlopen({ exports: {} }, '/tmp/x.node'),
        text: () => new Function('return 1')(),
        debug: () => require('inspector').open(0),
        wasi: () => new (require('wasi').WASI)({ version: 'preview1' }),
      };
      for (const [name, attempt] of Object.entries(tries)) {
        try { attempt(); console.log(name, 'succeeded') } catch (error) { console.log(name, error.code ?? error.name) }
      }`;
    const child = spawn(file, [...args.slice(0, -1), '-e', script], { env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
    const text = (await child.stdout.toArray()).join('');
    expect(
      Object.fromEntries(
        text
          .trim()
          .split('\n')
          .map((line) => line.split(' ')),
      ),
    ).toEqual({
      read: 'ERR_ACCESS_DENIED',
      readOwnRepository: 'ERR_ACCESS_DENIED',
      write: 'ERR_ACCESS_DENIED',
      spawn: 'ERR_ACCESS_DENIED',
      thread: 'ERR_ACCESS_DENIED',
      addon: 'ERR_DLOPEN_DISABLED',
      text: 'EvalError',
      debug: 'ERR_ACCESS_DENIED',
      wasi: 'ERR_ACCESS_DENIED',
    });
  });

  it('are replaced after a program that had to be stopped', async () => {
    const sandbox = aSandbox({ places: 1 });
    const stuck = aProgram('return Array(2 ** 32 - 1).join("x").length', { timeoutMs: 300 });
    for (let round = 0; round < 3; round += 1) {
      const { ending, spent } = await sandbox.run('org', stuck, handlers, never);
      expect([ending.ok ? '' : ending.failure, spent]).toEqual(['code_timed_out', true]);
      expect(await resultOf(sandbox, 'org', 'return 7')).toBe('7');
    }
  });

  it('are killed when their program is no longer wanted, whatever it is doing', async () => {
    const sandbox = aSandbox({ places: 1 });
    const stop = new AbortController();
    const reason = new Error('cancelled');
    setTimeout(() => stop.abort(reason), 400);
    const before = performance.now();
    const stuck = aProgram('return Array(2 ** 32 - 1).join("x").length', { timeoutMs: 60_000 });
    await expect(sandbox.run('org', stuck, handlers, stop.signal)).rejects.toBe(reason);
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(await resultOf(sandbox, 'org', 'return 7')).toBe('7');
  });

  it('are not waited for by who gave up waiting', async () => {
    const sandbox = aSandbox({ places: 1 });
    const slow = resultOf(sandbox, 'org', 'await new Promise((resolve) => setTimeout(resolve, 600)); return 1');
    const stop = new AbortController();
    const waiting = sandbox.run('org', aProgram('return 2'), handlers, stop.signal);
    const behind = resultOf(sandbox, 'org', 'return 3');
    stop.abort(new Error('gave up'));
    await expect(waiting).rejects.toThrow('gave up');
    expect([await slow, await behind]).toEqual(['1', '3']);
  });

  it('end when the sandbox is closed, running programs included', async () => {
    const sandbox = createSandbox({ places: 2 });
    const running = sandbox.run('org', aProgram('for (;;) {}', { timeoutMs: 60_000 }), handlers, never);
    const ended = expect(running).rejects.toBeInstanceOf(SandboxLost);
    await sleep(1_500);
    await sandbox.close();
    await ended;
    await expect(sandbox.run('org', aProgram('return 1'), handlers, never)).rejects.toThrow('the worker is stopping');
  });

  it.runIf(process.platform === 'linux')('end by themselves when the worker is killed', async () => {
    const script = `
      import { createSandbox } from ${JSON.stringify(join(import.meta.dirname, 'sandbox.ts'))};
      const sandbox = createSandbox({ places: 3 });
      const program = (code) => ({ language: 'javascript', code, inputText: '{}', idempotencyKey: 'k', timeoutMs: 60000, memoryBytes: 33554432, hasFetch: false });
      const run = (code) => sandbox.run('org', program(code), { log: () => {}, fetch: async () => {}, file: async () => {} }, new AbortController().signal);
      await run('return 1');
      void run('for (;;) {}'); void run('await new Promise((r) => setTimeout(r, 50000))');
      setTimeout(() => console.log('busy'), 1500);
      setInterval(() => {}, 1000);`;
    const worker = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => worker.stdout.once('data', resolve));
    const processes = childrenOf(worker.pid ?? 0);
    expect(processes.length).toBeGreaterThanOrEqual(2);
    worker.kill('SIGKILL');
    expect(await until(() => !processes.some(isAlive))).toBe(true);
  });
});

describe('an answer to a request', () => {
  const reply = (body: string): FetchReply => ({ ok: true, status: 200, headers: {}, body });
  const ask = (code: string) => aProgram(code, { hasFetch: true });

  it('reaches no later program, when its own has ended without waiting for it', async () => {
    const sandbox = aSandbox({ places: 1 });
    const late = createDeferred<FetchReply>();
    const hasty = ask('fetch("http://a.example/"); return 1');
    await sandbox.run('org', hasty, { ...handlers, fetch: () => late.promise }, never);
    const next = ask('return (await fetch("http://b.example/")).text()');
    const slowly = async () => {
      late.resolve(reply('the other run’s'));
      await sleep(200);
      return reply('its own');
    };
    const { ending } = await sandbox.run('org', next, { ...handlers, fetch: slowly }, never);
    expect(ending).toEqual({ ok: true, resultText: '"its own"' });
  });

  it('that is too large as text is an error for the code to catch', async () => {
    const sandbox = aSandbox({ places: 1 });
    const code = 'try { await fetch("http://a.example/") } catch (error) { return error.code }';
    const binary = reply('\ufffd'.repeat(sandboxLimits.messageBytes / 2));
    const { ending } = await sandbox.run('org', ask(code), { ...handlers, fetch: async () => binary }, never);
    expect(ending).toEqual({ ok: true, resultText: '"limit"' });
  });
});

describe('a process that is not to be believed', () => {
  const lost = (script: string) => expect(anImpostor(script).run('org', aProgram('return 1'), handlers, never)).rejects;
  const whatOursNeverSay = 'said something that it never says';
  it.each([
    ['no JSON', 'send({ type: "ready" }); onProgram(() => process.stdout.write("\\0\\0\\0\\1{"))', whatOursNeverSay],
    [
      'an unknown kind',
      'send({ type: "ready" }); onProgram(() => send({ type: "exec", command: "id" }))',
      whatOursNeverSay,
    ],
    [
      'more fields',
      'send({ type: "ready" }); onProgram(() => send({ ...ended, orgId: "org_other" }))',
      whatOursNeverSay,
    ],
    [
      'a failure that does not exist',
      'send({ type: "ready" }); onProgram(() => send({ ...ended, ending: { ok: false, failure: "cancelled", message: "", line: null, column: null } }))',
      whatOursNeverSay,
    ],
    [
      'a result that is too long',
      `send({ type: "ready" }); onProgram(() => send({ ...ended, ending: { ok: true, resultText: "x".repeat(${sandboxLimits.resultBytes + 1}) } }))`,
      whatOursNeverSay,
    ],
    [
      'a message that is too long',
      'send({ type: "ready" }); onProgram(() => process.stdout.write(Buffer.from([255, 255, 255, 255])))',
      whatOursNeverSay,
    ],
    ['an end before the beginning', 'send(ended)', whatOursNeverSay],
    [
      'a request that is not allowed',
      'send({ type: "ready" }); onProgram(() => send({ type: "fetch", id: 1, request: { url: "http://a", method: "GET", headers: {}, body: null, redirect: "follow" } }))',
      whatOursNeverSay,
    ],
    [
      'more lines than it may',
      'send({ type: "ready" }); onProgram(() => { for (let i = 0; i < 1000; i++) send({ type: "log", level: "log", text: "x" }) })',
      whatOursNeverSay,
    ],
    ['nothing, and dies', 'send({ type: "ready" }); onProgram(() => process.exit(9))', 'ended by itself (exit code 9)'],
    [
      'nothing, and is killed',
      'send({ type: "ready" }); onProgram(() => process.kill(process.pid, "SIGSEGV"))',
      'ended by itself (SIGSEGV)',
    ],
  ])('loses its program when it says %s', async (_what, script, message) => {
    await lost(script).toThrow(message);
  });

  it('is killed when it says nothing at all', async () => {
    const sandbox = anImpostor('send({ type: "ready" }); setInterval(() => {}, 1000)');
    const { ending } = await sandbox.run('org', aProgram('return 1', { timeoutMs: 300 }), handlers, never);
    expect(ending).toMatchObject({ ok: false, failure: 'code_timed_out' });
  });
});
