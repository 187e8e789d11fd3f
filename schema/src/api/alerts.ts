import * as z from 'zod';
import { alertChannelIdSchema, connectionIdSchema } from '../ids.ts';
import { momentSchema, pageOf, pageQuery } from './values.ts';

const nameSchema = z.string().trim().min(1).max(120);
const webAddress = z
  .url({ protocol: /^https?$/, error: 'Write a full address such as https://hooks.example.com/alerts.' })
  .max(2_000);
const signingSecretSchema = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'A signing secret is whsec_ followed by at least 24 bytes in base64.');

const quietSeconds = z.int().min(60).max(604_800).meta({
  description: 'Seconds after which a group that has grown is spoken of again.',
});
const common = { name: nameSchema, isOn: z.boolean().default(true), quietSeconds: quietSeconds.default(3_600) };

const recipients = z.array(z.email().max(320)).min(1).max(20);

/** A place where an org hears that runs wait for a person. */
export const createAlertChannelRequestSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('email'),
      to: recipients,
      connectionId: connectionIdSchema.meta({ description: 'The mail server that sends it.' }),
      ...common,
    }),
    z.strictObject({
      kind: z.literal('slack'),
      url: webAddress.meta({ description: 'The address of a Slack incoming webhook; it is a secret.' }),
      ...common,
    }),
    z.strictObject({
      kind: z.literal('webhook'),
      url: webAddress.meta({ description: 'Gets a POST, signed by Standard Webhooks.' }),
      secret: signingSecretSchema.optional().meta({ description: 'Signs each message; one is made when left out.' }),
      ...common,
    }),
  ])
  .meta({ id: 'CreateAlertChannelRequest' });

export const updateAlertChannelRequestSchema = z
  .strictObject({
    name: nameSchema.optional(),
    isOn: z.boolean().optional(),
    quietSeconds: quietSeconds.optional(),
    to: recipients.optional(),
    connectionId: connectionIdSchema.optional(),
    url: webAddress.optional().meta({ description: 'A webhook at another address needs its secret again.' }),
    secret: signingSecretSchema.optional(),
  })
  .meta({ id: 'UpdateAlertChannelRequest' });

export const alertChannelSchema = z
  .object({
    id: alertChannelIdSchema,
    name: z.string(),
    kind: z.enum(['email', 'slack', 'webhook']),
    settings: z
      .object({ to: z.array(z.string()).optional(), connectionId: z.string().optional(), host: z.string().optional() })
      .meta({ description: 'Recipients and mail server, or the host of the address: the rest of it is a secret.' }),
    isOn: z.boolean(),
    quietSeconds: z.int(),
    lastDeliveredAt: momentSchema.nullable(),
    lastError: z.string().nullable().meta({ description: 'What the last attempt said, unless one has worked since.' }),
    pending: z.int().meta({ description: 'Messages that are still to be delivered.' }),
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .meta({ id: 'AlertChannel' });

export const alertChannelListSchema = pageOf(alertChannelSchema).meta({ id: 'AlertChannelList' });

/** Answered once, when it was made: no later answer holds the secret. */
export const createdAlertChannelSchema = alertChannelSchema
  .extend({ secret: z.string().nullable().meta({ description: 'What a webhook is signed with; null for others.' }) })
  .meta({ id: 'CreatedAlertChannel' });

export const listAlertChannelsQuerySchema = z.object(pageQuery);

export type AlertChannel = z.infer<typeof alertChannelSchema>;
export type CreatedAlertChannel = z.infer<typeof createdAlertChannelSchema>;
export type NewAlertChannel = z.output<typeof createAlertChannelRequestSchema>;
export type AlertChannelChange = z.output<typeof updateAlertChannelRequestSchema>;
