import { createHash } from 'node:crypto';
import type { Activity } from '@everwave/activities/worker';
import type { Json } from '@everwave/schema/flow';
import { evaluateRequest, excerptOf } from '@everwave/schema/expression';
import {
  type ActivityInput,
  attemptOf,
  deferredFailure,
  evaluateActivity,
  type LargeValue,
  valueLimits,
} from '@everwave/schema/run';
import { cancelled, Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

/** What a test sees of the activities that ran. */
export interface Seen {
  readonly calls: ActivityInput[];
  readonly cancelled: string[];
}

const settings = ({ input }: ActivityInput): { readonly [name: string]: Json } =>
  typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as { [name: string]: Json }) : {};

/** What `test.large@1` gives. */
export const page: Json = { total: 3, rows: [{ id: 1 }, { id: 2 }, { id: 3 }], text: 'x'.repeat(20_000) };

/** A store for large values, in memory. */
const values = new Map<string, Json>();
const keep = (value: Json): LargeValue => {
  const json = JSON.stringify(value);
  const sha256 = createHash('sha256').update(json).digest('hex');
  values.set(sha256, value);
  const preview = json.slice(0, valueLimits.preview);
  return { reference: { ref: `blob:${sha256}`, sha256, bytes: json.length, preview } };
};

/** Activities that stand for connectors: they echo, defer, wait to be cancelled, and fail until `fix` or the ordinal `fixAt`. */
export const createFakeActivities = (): { activities: Record<string, Activity>; seen: Seen } => {
  const seen: Seen = { calls: [], cancelled: [] };
  const activities: Record<string, Activity> = {
    'test.echo@1': async (input) => {
      seen.calls.push(input);
      const { sleep } = settings(input);
      if (typeof sleep === 'number') await new Promise((resolve) => setTimeout(resolve, sleep));
      return { output: { echoed: input.input, ordinal: input.ordinal } };
    },
    'test.fail@1': async (input) => {
      seen.calls.push(input);
      const {
        fix,
        fixAt = Number.POSITIVE_INFINITY,
        fixAtAttempt = Number.POSITIVE_INFINITY,
        retryIn,
      } = settings(input);
      const attempt = attemptOf(Context.current().info, input);
      if (fix === true || input.ordinal >= Number(fixAt)) return { output: { done: true } };
      if (attempt >= Number(fixAtAttempt)) return { output: { done: true, attempt } };
      const failure = { name: 'out_of_order', message: 'The machine is out of order.', advice: 'Repair it.' };
      throw ApplicationFailure.create({
        message: failure.message,
        type: failure.name,
        details: [failure],
        ...(typeof retryIn === 'number' ? { nextRetryDelay: retryIn } : {}),
      });
    },
    'test.defer@1': async (input) => {
      seen.calls.push(input);
      const first = seen.calls.filter(({ runId, path }) => runId === input.runId && path === input.path).length === 1;
      if (!first) return { output: { at: Date.now() } };
      const details = { until: Date.now() + 700, reason: 'asked to wait' };
      throw ApplicationFailure.nonRetryable('wait', deferredFailure, details);
    },
    'test.large@1': async ({ reads = [] }) => {
      const excerpt = excerptOf(page, reads);
      return { output: null, large: { ...keep(page), ...(excerpt && { excerpt }) } };
    },
    [evaluateActivity]: async ({ evaluate }) => {
      if (!evaluate) throw new Error('There is nothing to evaluate.');
      if (evaluate.work.type === 'adopt')
        return { output: { ok: true }, large: { reference: evaluate.work.reference } };
      const reply = await evaluateRequest(evaluate, async ({ sha256 }) => values.get(sha256) ?? null);
      const size = JSON.stringify(reply).length;
      if (!reply.ok || reply.value === undefined || size <= (evaluate.inline ?? valueLimits.inline)) {
        return { output: reply as unknown as Json };
      }
      return { output: { ok: true }, large: keep(reply.value) };
    },
    'test.nap@1': async (input) => {
      seen.calls.push(input);
      await Context.current().sleep(1_000);
      return { output: null };
    },
    'test.hang@1': async (input) => {
      seen.calls.push(input);
      const beat = setInterval(() => heartbeat(), 100);
      try {
        await cancelled();
      } catch (error) {
        seen.cancelled.push(input.path);
        throw error;
      } finally {
        clearInterval(beat);
      }
      return { output: Context.current().info.attempt };
    },
  };
  return { activities, seen };
};
