import * as z from 'zod';
import { momentSchema } from './values.ts';

/** The mails that a person may do without. Those about their account, such as a changed password, always come. */
export const notificationKinds = ['approvals', 'failures'] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** Without a decision: who is asked is told, and who wants to hear of failures says so. */
export const notificationDefaults: Readonly<Record<NotificationKind, boolean>> = { approvals: true, failures: false };

/** Of the words under which people decide. Raise it when what a kind covers changes. */
export const notificationTerms = 1;

const preferenceSchema = z.object({
  kind: z.enum(notificationKinds),
  isOn: z.boolean(),
  decidedAt: momentSchema.nullable().meta({ description: 'Null as long as the person has not decided.' }),
  terms: z.int().nullable().meta({ description: 'The version of the words that they decided under.' }),
});

/** Which mails a person gets from one org. */
export const notificationPreferencesSchema = z
  .object({ email: z.email().nullable(), items: z.array(preferenceSchema) })
  .meta({ id: 'NotificationPreferences' });

export const setNotificationPreferencesRequestSchema = z
  .strictObject({
    approvals: z.boolean().meta({ description: 'Approvals that wait for you, by your role or by name.' }),
    failures: z.boolean().meta({ description: 'Runs that wait for a repair you may make, once per kind of failure.' }),
  })
  .partial()
  .meta({ id: 'SetNotificationPreferences' });

export type NotificationPreferences = z.infer<typeof notificationPreferencesSchema>;
export type SetNotificationPreferencesRequest = z.output<typeof setNotificationPreferencesRequestSchema>;

export const unsubscribeRequestSchema = z
  .strictObject({ token: z.string().min(1).max(1_000) })
  .meta({ id: 'UnsubscribeRequest' });
export const unsubscribedSchema = z
  .object({ kind: z.enum(notificationKinds), orgName: z.string() })
  .meta({ id: 'Unsubscribed' });
export type Unsubscribed = z.infer<typeof unsubscribedSchema>;
