import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'hono';
import type { FakeEnvironment } from './serve-fake.ts';

export interface StreamEvent {
  /** SSE's event name; none: data alone. */
  readonly event?: string;
  readonly data: string;
}

/** Answers with server-sent events. `breakAfter`: the connection is reset after so many of them. */
export const answerWithEvents = (
  context: Context<FakeEnvironment>,
  events: readonly StreamEvent[],
  { delayMs = 0, breakAfter }: { readonly delayMs?: number; readonly breakAfter?: number | undefined } = {},
): Response => {
  const { socket } = context.env.incoming;
  const encoder = new TextEncoder();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (delayMs > 0) await sleep(delayMs);
      if (breakAfter !== undefined && sent >= breakAfter) {
        // What was sent before has to arrive before the reset does.
        await sleep(20);
        socket.resetAndDestroy();
        return;
      }
      const next = events[sent];
      sent += 1;
      if (!next) return controller.close();
      const name = next.event === undefined ? '' : `event: ${next.event}\n`;
      controller.enqueue(encoder.encode(`${name}data: ${next.data}\n\n`));
    },
  });
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  });
};
