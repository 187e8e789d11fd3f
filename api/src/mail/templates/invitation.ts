import { composeMail, type Mail } from '../mail.ts';

export interface InvitationWords {
  readonly orgName: string;
  readonly invitedBy: string;
  readonly role: string;
  readonly link: string;
  /** Seconds. */
  readonly goodFor: number;
}

/** Asks somebody into an organisation. */
export const invitationMail = ({ orgName, invitedBy, role, link, goodFor }: InvitationWords): Mail =>
  composeMail({
    kind: 'invitation',
    subject: `${invitedBy} invites you to ${orgName}`,
    paragraphs: [`${invitedBy} invites you to work in ${orgName} on Everwave, with the role ${role}.`],
    action: { label: 'Accept the invitation', link },
    closing: [
      `The link works once, for ${Math.round(goodFor / 86_400)} days, and for this address alone.`,
      'If you do not know what this is about, do nothing.',
    ],
    goodFor,
  });
