import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MiddlewareHandler } from 'hono';
import * as z from 'zod';
import type { FakeEnvironment } from './serve-fake.ts';

/** Something that goes wrong for the next requests to a path. `after`: the fake has acted by then, which is what hurts. */
export const faultSchema = z.strictObject({
  /** Path prefix; default all. */
  path: z.string().default('/'),
  when: z.enum(['before', 'after']).default('before'),
  /** `answer`: the status below. `reset`: the connection breaks. `hang`: no answer. `pass`: only the delay. */
  how: z.enum(['answer', 'reset', 'hang', 'pass']).default('answer'),
  status: z.int().min(200).max(599).default(500),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().default(''),
  delayMs: z.int().min(0).default(0),
  /** How many requests it meets. */
  times: z.int().min(1).default(1),
});
export type Fault = z.input<typeof faultSchema>;

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  readonly middleware: MiddlewareHandler<FakeEnvironment>;
}

export const createFaults = (): Faults => {
  let pending: (z.output<typeof faultSchema> & { left: number })[] = [];
  return {
    add(fault) {
      const parsed = faultSchema.parse(fault);
      pending.push({ ...parsed, left: parsed.times });
    },
    clear: () => {
      pending = [];
    },
    middleware: async (context, next) => {
      const fault = pending.find(({ path, left }) => left > 0 && context.req.path.startsWith(path));
      if (!fault || context.req.path.startsWith('/_fake')) return next();
      fault.left -= 1;
      if (fault.when === 'after') {
        await next();
        if (fault.how === 'pass') {
          await sleep(fault.delayMs);
          return;
        }
        // Cleared first: the new answer would inherit the old one's headers.
        context.res = undefined;
        context.res = await spoil(fault, context.env.incoming.socket);
        return;
      }
      if (fault.how === 'pass') {
        await sleep(fault.delayMs);
        return next();
      }
      return spoil(fault, context.env.incoming.socket);
    },
  };
};

const spoil = async (fault: z.output<typeof faultSchema>, socket: Socket): Promise<Response> => {
  await sleep(fault.delayMs);
  if (fault.how === 'answer') return new Response(fault.body, { status: fault.status, headers: fault.headers });
  if (fault.how === 'reset') socket.resetAndDestroy();
  else await once(socket, 'close');
  return new Response(null);
};
