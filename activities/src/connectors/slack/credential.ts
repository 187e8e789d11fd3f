import { defineCredential } from '@everwave/schema/node';
import * as z from 'zod';

export const slackBot = defineCredential({
  kind: 'slack.bot',
  title: 'Slack bot',
  help: 'Create an app at api.slack.com/apps with the scopes chat:write, channels:read, channels:history, groups:read and groups:history, install it, and copy the bot token.',
  settings: z.strictObject({
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .default('https://slack.com/api')
      .meta({ title: 'API address', description: 'Leave as it is for slack.com.' }),
  }),
  secret: z.strictObject({
    botToken: z.string().min(1).meta({ title: 'Bot token', widget: 'secret', placeholder: 'xoxb-…' }),
  }),
});
