import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readDemoEnv } from './env.ts';

const anyPorts = {
  EVERWAVE_DEMO_MAIL_PORT: '0',
  EVERWAVE_DEMO_SMTP_PORT: '0',
  EVERWAVE_DEMO_SLACK_PORT: '0',
  EVERWAVE_DEMO_HTTP_PORT: '0',
  EVERWAVE_DEMO_OPENAI_PORT: '0',
  EVERWAVE_DEMO_ANTHROPIC_PORT: '0',
};

const startDemo = (env: Record<string, string>) => {
  const demo = spawn(process.execPath, [new URL('demo.ts', import.meta.url).pathname], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void demo.kill('SIGKILL'));
  const lines = createInterface({ input: demo.stdout });
  return { demo, nextLine: async () => JSON.parse(String((await once(lines, 'line'))[0])) as Record<string, unknown> };
};

describe('the demo’s services', () => {
  it('start on their ports, answer, and end with 0 on SIGTERM', async () => {
    const { demo, nextLine } = startDemo(anyPorts);
    const ready = await nextLine();
    expect(ready).toMatchObject({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      service: 'demo',
      message: 'demo is ready',
    });
    for (const name of ['mail', 'slack', 'http', 'openai', 'anthropic'])
      expect((await fetch(String(ready[name]))).status).toBe(200);
    demo.kill('SIGTERM');
    expect(await once(demo, 'exit')).toEqual([0, null]);
  });

  it('say which port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const port = (taken.address() as AddressInfo).port;
    const { demo, nextLine } = startDemo({ ...anyPorts, EVERWAVE_DEMO_SLACK_PORT: String(port) });
    expect(await nextLine()).toMatchObject({
      level: 'fatal',
      message: `listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    });
    expect(await once(demo, 'exit')).toEqual([1, null]);
  });

  it('list every setting that is wrong', () => {
    expect(() => readDemoEnv({ EVERWAVE_DEMO_MAIL_PORT: 'x', EVERWAVE_LOG_LEVEL: 'loud' })).toThrow(
      /EVERWAVE_DEMO_MAIL_PORT: .*\n {2}EVERWAVE_LOG_LEVEL: /,
    );
    expect(readDemoEnv({ EVERWAVE_DEMO_MAIL_PORT: '' })).toMatchObject({
      host: '127.0.0.1',
      mailPort: 3003,
      httpPort: 3006,
    });
  });
});
