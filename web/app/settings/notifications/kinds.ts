import type { NotificationKind } from '@everwave/schema/api';

/** What a person decides about, in the words that `notificationTerms` is the version of. */
export const notificationWords: Readonly<Record<NotificationKind, { readonly label: string; readonly hint: string }>> =
  {
    approvals: {
      label: 'Approvals that wait for you',
      hint: 'One mail for each question that your role or your name may answer.',
    },
    failures: {
      label: 'Runs that wait for a repair',
      hint: 'One mail for each new kind of failure, if you may repair it and no alert by mail reaches you anyway.',
    },
  };
