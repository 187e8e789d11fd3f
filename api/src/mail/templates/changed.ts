import { composeMail, type Mail } from '../mail.ts';

/** Tells a person what was changed about their account, so that they notice when it was not them. */
export const changedMail = (what: string): Mail =>
  composeMail({
    kind: 'account_changed',
    subject: what,
    paragraphs: [`${what}.`],
    closing: [
      'If this was not you, choose a new password on the sign-in page at once, and tell whoever runs Everwave.',
    ],
  });
