import type { RunState } from '@everwave/schema/interpreter';
import type { RunFlowInput } from '@everwave/schema/run';
import { setHandler } from '@temporalio/workflow';
import type { WaitArrival } from './arrival.ts';
import { asRefusal, refusal, toRefusal } from './messages.ts';
import { admit, parseWaitMessage, waitMessages, type WaitReply, type WaitUpdate } from './wait-messages.ts';

export interface WaitDesk {
  /** From now on everything is refused. */
  close(): void;
}

export interface WaitDeskOptions {
  /** Its plan is the one that the run has now. */
  readonly input: Pick<RunFlowInput, 'orgId' | 'runId' | 'plan'>;
  /** The state as it is now. */
  readonly state: () => RunState;
  readonly deliver: (arrival: WaitArrival) => void;
}

/**
 * Takes events and answers for steps that wait for them. A validator refuses before anything enters history; the handler
 * waits until the kernel has applied the message. Who sends one twice is told apart by the kernel: an event by its id, an
 * answer by who gave it.
 */
export const openWaitDesk = ({ input, state, deliver }: WaitDeskOptions): WaitDesk => {
  let open = true;
  const refuseClosed = (): void => {
    if (!open) throw refusal('run_not_open', 'This run has ended, and waits for nothing any more.');
  };

  for (const [name, definition] of Object.entries(waitMessages)) {
    const parse = (message: unknown) => parseWaitMessage(name as WaitUpdate, message);
    const apply = (request: unknown): Promise<WaitReply> => {
      const message = parse(request);
      refuseClosed();
      return new Promise((resolve, reject) => {
        deliver({ type: 'message', message, resolve, reject });
      });
    };
    setHandler(definition, async (request) => asRefusal(() => apply(request)), {
      validator: (request) => {
        try {
          const message = parse(request);
          refuseClosed();
          const admitted = admit(input, state(), message);
          if (!admitted.ok) throw admitted.refusal;
        } catch (error) {
          throw toRefusal(error);
        }
      },
    });
  }
  return {
    close: () => {
      open = false;
    },
  };
};
