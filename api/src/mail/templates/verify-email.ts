import { composeMail, type Mail } from '../mail.ts';

export const verifyEmailMail = (link: string): Mail =>
  composeMail({
    kind: 'verify_email',
    subject: 'Confirm your e-mail address',
    paragraphs: ['Open this link to show that this address is yours. Your Everwave account then uses it.'],
    action: { label: 'Confirm the address', link },
    closing: ['The link works once, within a day.', 'If you have no account here, do nothing.'],
    goodFor: 24 * 60 * 60,
  });
