import { composeMail, type Mail } from '../mail.ts';

/** For the owner of an address that somebody else, or they themselves, gave for another account. */
export const accountExistsMail = (link: string): Mail =>
  composeMail({
    kind: 'account_exists',
    subject: 'You have an Everwave account already',
    paragraphs: [
      'Somebody, probably you, gave this address for an Everwave account. There is one with it already, so nothing was changed.',
    ],
    action: { label: 'Sign in', link },
    closing: ['If you no longer know the password, the sign-in page helps. If it was not you, do nothing.'],
  });
