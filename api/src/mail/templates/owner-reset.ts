import { composeMail, type Mail } from '../mail.ts';

export const ownerResetMail = (link: string): Mail =>
  composeMail({
    kind: 'owner_reset',
    subject: 'Choose a new password',
    paragraphs: ['Whoever runs this Everwave had a link made for you that sets a new password for your account.'],
    action: { label: 'Choose a new password', link },
    closing: [
      'The link works once, within 30 minutes. You are then signed out everywhere.',
      'If you did not ask for it, ask whoever runs Everwave: only somebody at its machine can do this.',
    ],
    goodFor: 30 * 60,
  });
