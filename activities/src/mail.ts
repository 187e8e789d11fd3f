export type { OwnMail } from './mail/deliver-mail.ts';
export { createMailer, MailNotTaken, type Mailer, type MailServer } from './mail/mailer.ts';
