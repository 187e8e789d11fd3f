import type { Approval, Me } from '@everwave/schema/api';
import { toFormSchema } from '@everwave/schema/flow';
import { idOf } from './ids.ts';
import { flows } from './stories.ts';

interface Surroundings {
  readonly now: number;
  readonly webUrl: string;
  readonly me: Me;
}

/** Questions in each of their states: for Mara, for others, half answered, and over. */
export const approvalsOf = ({ now, webUrl, me }: Surroundings): Approval[] => {
  const ago = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();
  const ask = (subject: string, changes: Partial<Approval>): Approval => {
    const runId = idOf('run', subject);
    return {
      id: idOf('apr', subject),
      url: `${webUrl}/runs/${runId}/approvals/ask`,
      runId,
      runUrl: `${webUrl}/runs/${runId}`,
      flowId: idOf('flow', flows.refund.name),
      flowName: flows.refund.name,
      path: 'ask',
      stepId: 'ask',
      ordinal: 1,
      status: 'open',
      subject,
      message: null,
      form: toFormSchema([]),
      roles: ['owner', 'admin', 'developer', 'operator'],
      people: [],
      approvalsNeeded: 1,
      rejectionsNeeded: 1,
      answers: [],
      mayAnswer: true,
      openedAt: ago(12),
      dueAt: null,
      closedAt: null,
      ...changes,
    };
  };
  const tom = { id: 'user_tom', name: 'Tom Okafor' };
  const by = (who: Approval['answers'][number]['by'], decision: 'approved' | 'rejected', minutes: number) => ({
    decision,
    by: who,
    at: ago(minutes),
    comment: decision === 'rejected' ? 'The parcel came back whole.' : null,
    values: {},
  });
  return [
    ask('Refund 48.00 € to Lena Vogt?', {
      message: 'The grinder arrived with a broken lid.\nShe has sent two photos.',
      form: toFormSchema([
        { name: 'reason', title: 'Reason', type: 'choice', choices: ['Broken', 'Late', 'Other'], required: true },
        { name: 'amount', title: 'Amount in euro', type: 'number', required: true },
        { name: 'payBy', title: 'Pay until', type: 'date' },
        { name: 'sendBack', title: 'She sends it back', type: 'boolean' },
      ]),
      dueAt: new Date(now + 3_600_000).toISOString(),
    }),
    ask('Refund 310.00 € to Café Sol?', {
      approvalsNeeded: 2,
      answers: [by({ id: me.user?.id ?? '', name: me.user?.name ?? '' }, 'approved', 4)],
      mayAnswer: false,
    }),
    ask('Close the books of October?', { roles: [], people: ['tom@hartwell.coffee'], mayAnswer: false }),
    ask('Refund 19.50 € to Ivo Brandt?', {
      status: 'rejected',
      answers: [by(tom, 'rejected', 90)],
      mayAnswer: false,
      closedAt: ago(90),
    }),
    ask('Send the newsletter now?', { status: 'timed_out', mayAnswer: false, closedAt: ago(600) }),
  ];
};
