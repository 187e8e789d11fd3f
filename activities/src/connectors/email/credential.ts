import { defineCredential } from '@everwave/schema/node';
import * as z from 'zod';

export const smtpServer = defineCredential({
  kind: 'email.smtp',
  title: 'Mail server (SMTP)',
  help: 'Your mail provider lists these under "SMTP" or "outgoing mail". Use an app password where it offers one.',
  settings: z.strictObject({
    host: z.string().min(1).max(253).meta({ title: 'Host', placeholder: 'smtp.example.com' }),
    port: z.int().min(1).max(65_535).default(587).meta({ title: 'Port' }),
    security: z.enum(['starttls', 'tls', 'none']).default('starttls').meta({
      title: 'Encryption',
      description: 'starttls: usual on 587. tls: usual on 465. none: only for a server on your own network.',
    }),
    username: z.string().max(320).optional().meta({ title: 'User name', description: 'Empty: no sign-in.' }),
    from: z.email().meta({ title: 'Sender', placeholder: 'orders@example.com' }),
  }),
  secret: z.strictObject({
    password: z.string().optional().meta({ title: 'Password', widget: 'secret' }),
  }),
});
