import { checkRepair, type RunState } from '@everwave/schema/interpreter';
import { type RepairReply, repairUpdates, type RunFlowInput } from '@everwave/schema/run';
import { setHandler } from '@temporalio/workflow';
import type { RepairArrival } from './arrival.ts';
import { toRepairRefusal } from './repair-refusal.ts';
import { asRefusal, parseRepair, refusal, type RepairAction, repairMessages, toRefusal } from './messages.ts';

/** How many answers are remembered for requests that come twice. */
const remembered = 500;

export interface AnsweredRepair {
  readonly requestId: string;
  readonly reply: RepairReply;
}

export interface RepairDesk {
  /** From now on every repair is refused. */
  close(): void;
  /** The answers given so far, for the next part of this run. */
  answered(): AnsweredRepair[];
}

export interface RepairDeskOptions {
  /** Its plan is the one that the run has now. */
  readonly input: Pick<RunFlowInput, 'orgId' | 'runId' | 'plan'>;
  readonly answered: readonly AnsweredRepair[];
  /** The state as it is now. */
  readonly state: () => RunState;
  readonly deliver: (arrival: RepairArrival) => void;
}

/**
 * Takes the five repairs. A validator refuses before anything enters history; the handler waits until the kernel has
 * applied the repair. The same request twice is answered twice and applied once.
 */
export const openRepairDesk = ({ input, answered, state, deliver }: RepairDeskOptions): RepairDesk => {
  const replies = new Map<string, Promise<RepairReply>>();
  const done: AnsweredRepair[] = [...answered];
  for (const { requestId, reply } of answered) replies.set(requestId, Promise.resolve(reply));
  let open = true;

  const check = (action: RepairAction, message: unknown): void => {
    const { requestId, repair } = parseRepair(action, message);
    if (replies.has(requestId)) return;
    if (!open) throw refusal('run_not_open', 'This run has ended, so there is nothing to repair in it.');
    const verdict = checkRepair(input.plan, state(), repair);
    if (!verdict.ok) throw toRepairRefusal(input, verdict);
  };

  const apply = (action: RepairAction, message: unknown): Promise<RepairReply> => {
    const { requestId, repair, by } = parseRepair(action, message);
    const known = replies.get(requestId);
    if (known) return known;
    if (!open) throw refusal('run_not_open', 'This run has ended, so there is nothing to repair in it.');
    const reply = new Promise<RepairReply>((resolve, reject) => {
      deliver({ type: 'repair', repair, by, resolve, reject });
    });
    replies.set(requestId, reply);
    return reply.then(
      (answer) => {
        done.push({ requestId, reply: answer });
        if (done.length > remembered) replies.delete(done.shift()?.requestId ?? '');
        return answer;
      },
      (error: unknown) => {
        replies.delete(requestId);
        throw error;
      },
    );
  };

  repairMessages.forEach((message, index) => {
    const action = repairUpdates[index] as RepairAction;
    setHandler(message, async (request) => asRefusal(() => apply(action, request)), {
      validator: (request) => {
        try {
          check(action, request);
        } catch (error) {
          throw toRefusal(error);
        }
      },
    });
  });

  return {
    close: () => {
      open = false;
    },
    answered: () => [...done],
  };
};
