import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../stage/api-client.ts';

export interface Offered<Reply extends Answer> {
  readonly answers: readonly Reply[];
  readonly seconds: number;
  /** Requests that were due and not sent, because too many were unanswered already. */
  readonly held: number;
}

/** Sends the next request as soon as one is answered: as many as the other side can take. */
export const sendBackToBack = async <Reply extends Answer>(
  send: () => Promise<Reply>,
  { seconds, atOnce }: { readonly seconds: number; readonly atOnce: number },
): Promise<Offered<Reply>> => {
  const answers: Reply[] = [];
  const begun = performance.now();
  const end = begun + seconds * 1000;
  const senders = Array.from({ length: atOnce }, async () => {
    while (performance.now() < end) answers.push(await send());
  });
  await Promise.all(senders);
  return { answers, seconds: (performance.now() - begun) / 1000, held: 0 };
};

/** What a sender that waits for nobody leaves unanswered at once, before it holds back: a bound for this process's own memory. */
const mostUnanswered = 4_000;

/** Sends at a steady rate, whether or not anything is answered. */
export const sendAtRate = async <Reply extends Answer>(
  send: () => Promise<Reply>,
  { seconds, perSecond }: { readonly seconds: number; readonly perSecond: number },
): Promise<Offered<Reply>> => {
  const answers: Reply[] = [];
  const pending = new Set<Promise<void>>();
  let due = 0;
  let held = 0;
  const begun = performance.now();
  const total = Math.round(seconds * perSecond);
  while (due < total) {
    const reached = Math.min(total, Math.ceil(((performance.now() - begun) / 1000) * perSecond));
    for (; due < reached; due += 1) {
      if (pending.size >= mostUnanswered) {
        held += 1;
        continue;
      }
      const one: Promise<void> = send().then((answer) => {
        answers.push(answer);
        pending.delete(one);
      });
      pending.add(one);
    }
    await sleep(Math.min(10, 1000 / perSecond));
  }
  const spent = (performance.now() - begun) / 1000;
  await Promise.all(pending);
  return { answers, seconds: spent, held };
};
