import { composeMail, type Mail } from '../mail.ts';

export interface ApprovalWords {
  /** What is asked; null when that cannot be read any more. */
  readonly subject: string | null;
  readonly flowName: string;
  readonly orgName: string;
  readonly dueAt: Date | null;
  readonly link: string;
  readonly unsubscribe: string;
}

/** Tells somebody that a run waits for their decision. */
export const approvalWaitingMail = ({ subject, flowName, orgName, dueAt, link, unsubscribe }: ApprovalWords): Mail =>
  composeMail({
    kind: 'approval_waiting',
    subject: `Waiting for you: ${subject ?? flowName}`,
    paragraphs: [
      `A run of ${flowName} in ${orgName} waits for a decision that you may make.`,
      ...(subject === null ? [] : [subject]),
      ...(dueAt === null ? [] : [`Without an answer it goes on by itself at ${utc(dueAt)}.`]),
    ],
    action: { label: 'Look at it and decide', link },
    closing: ['The link asks you to sign in. Others may have decided before you.'],
    unsubscribe,
  });

const utc = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
