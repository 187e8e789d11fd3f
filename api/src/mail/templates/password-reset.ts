import { composeMail, type Mail } from '../mail.ts';

export const passwordResetMail = (link: string): Mail =>
  composeMail({
    kind: 'password_reset',
    subject: 'Choose a new password',
    paragraphs: ['Somebody, probably you, asked for a new password for your Everwave account.'],
    action: { label: 'Choose a new password', link },
    closing: [
      'The link works once, within an hour. You are then signed out everywhere.',
      'If you did not ask for it, do nothing: your password stays as it is.',
    ],
    goodFor: 60 * 60,
  });
