import { implementCredential } from '../../runtime/implement-credential.ts';
import { callSlack } from './client.ts';
import { slackBot } from './credential.ts';

export const testSlackBot = implementCredential(slackBot, {
  async test(probe, connection) {
    const reply = await callSlack(probe, connection, 'auth.test', { form: {} });
    if (!reply) return { ok: false, message: 'Slack did not answer as it should.', advice: 'Check the API address.' };
    if (!reply.ok) {
      return { ok: false, message: `Slack refused the token: ${reply.error}.`, advice: 'Copy the bot token again.' };
    }
    return { ok: true, message: `Slack knows the bot as ${String(reply['user'])} in ${String(reply['team'])}.` };
  },
});
