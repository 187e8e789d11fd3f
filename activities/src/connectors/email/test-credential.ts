import type { NodemailerError } from 'nodemailer/lib/errors';
import { implementCredential } from '../../runtime/implement-credential.ts';
import { openSmtp } from './client.ts';
import { smtpServer } from './credential.ts';
import { refusalOf } from './smtp-errors.ts';

export const testSmtpServer = implementCredential(smtpServer, {
  async test(probe, connection) {
    const { host, port, username } = connection.settings;
    try {
      const session = await openSmtp(probe, connection);
      session.close();
      return { ok: true, message: username ? `${host} accepted ${username}.` : `${host} answered.` };
    } catch (error) {
      if (refusalOf(error as NodemailerError) !== 'authentication_failed') throw error;
      return {
        ok: false,
        message: `${host}:${port} refused the password.`,
        advice: 'Enter user name and password again.',
      };
    }
  },
});
