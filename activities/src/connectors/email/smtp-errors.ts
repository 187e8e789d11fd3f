import type { NodemailerError } from 'nodemailer/lib/errors';

export type SmtpFailure =
  | 'smtp_unreachable'
  | 'smtp_busy'
  | 'encryption_failed'
  | 'authentication_failed'
  | 'sender_refused'
  | 'recipient_refused'
  | 'message_refused';

const encryptionCodes = /^(ETLS|EPROTO$|CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** What the server's answer means; `null` when it gave none, so that the connection itself is what failed. */
export const refusalOf = (error: NodemailerError): SmtpFailure | null => {
  const { responseCode, command = '' } = error;
  if (error.code === 'EAUTH' && responseCode === undefined) return 'authentication_failed';
  if (error.code === 'EMESSAGE' && responseCode === undefined) return 'message_refused';
  if (responseCode === undefined || responseCode < 400) return null;
  if (responseCode < 500) return 'smtp_busy';
  if (command === 'STARTTLS') return 'encryption_failed';
  if (command.startsWith('AUTH')) return 'authentication_failed';
  if (command === 'MAIL FROM') return 'sender_refused';
  if (command === 'RCPT TO') return 'recipient_refused';
  if (command === 'DATA') return 'message_refused';
  return 'smtp_unreachable';
};

/** A certificate or a handshake that does not fit: the next attempt meets the same. */
export const isEncryptionFailure = (error: NodemailerError): boolean =>
  encryptionCodes.test(error.originalCode ?? '') || encryptionCodes.test(error.code ?? '');
