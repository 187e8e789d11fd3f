import { composeMail, type Mail } from '../mail.ts';

export interface RunsWaitingWords {
  readonly flowName: string;
  readonly orgName: string;
  readonly stepId: string;
  readonly failureName: string;
  readonly link: string;
  readonly unsubscribe: string;
}

/** Tells somebody who may repair it of a new kind of failure. What failed with which values stands on the page alone. */
export const runsWaitingMail = ({
  flowName,
  orgName,
  stepId,
  failureName,
  link,
  unsubscribe,
}: RunsWaitingWords): Mail =>
  composeMail({
    kind: 'runs_waiting',
    subject: `${flowName}: runs wait for a repair`,
    paragraphs: [
      `In ${orgName}, runs of ${flowName} wait at the step ${stepId}: ${failureName}.`,
      'Nothing is lost: they go on where they stand once somebody has repaired them.',
    ],
    action: { label: 'Look at the failure', link },
    closing: ['The link asks you to sign in. Further runs that fail alike bring no further mail.'],
    unsubscribe,
  });
