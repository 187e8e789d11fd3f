import * as z from 'zod';
import { momentSchema, oneOrMany, pageOf, pageQuery } from './values.ts';

const changeSchema = z
  .object({
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    isHidden: z.literal(true).optional().meta({ description: 'A secret changed. What it was and is stands nowhere.' }),
  })
  .meta({ id: 'AuditChange' });

export const auditEventSchema = z
  .object({
    number: z.int().meta({ description: 'From 1 in each org, without a gap.' }),
    at: momentSchema,
    actor: z.object({
      kind: z.string().meta({ description: '`user`, `apiKey`, `system` or `anonymous`.' }),
      id: z.string(),
      name: z.string(),
    }),
    action: z.string().meta({ description: 'Such as `flow.published`.' }),
    target: z.object({
      kind: z.string(),
      id: z.string(),
      name: z.string().nullable().meta({ description: 'What it was called then.' }),
    }),
    details: z.record(z.string(), z.unknown()),
    changes: z.record(z.string(), changeSchema).nullable().meta({ description: 'By field, only those that changed.' }),
    requestId: z.string().nullable(),
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
    previousHash: z.string().meta({ description: 'The hash of the entry before; empty for the first.' }),
    hash: z.string().meta({ description: 'SHA-256 over `previousHash` and all that the entry says, in hex.' }),
  })
  .meta({ id: 'AuditEvent' });

export const auditListSchema = pageOf(auditEventSchema).meta({ id: 'AuditList' });

const filters = {
  actor: z.string().min(1).max(200).optional().meta({ description: 'Id of who acted, or a part of their name.' }),
  action: oneOrMany(z.string().regex(/^[a-z_]+(\.[a-z_]+)?$/, 'Write flow.published, or flow for all of its kind.'))
    .optional()
    .meta({ description: 'One action, or the first word of several.' }),
  target: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Id of what it was done to, or a part of its name.' }),
  from: momentSchema.optional(),
  until: momentSchema.optional().meta({ description: 'Not included.' }),
};

export const listAuditQuerySchema = z.object({ ...pageQuery, ...filters });

export const exportAuditQuerySchema = z.object({
  ...filters,
  format: z.enum(['jsonl', 'csv']).default('jsonl').meta({ description: 'JSON Lines, or CSV for a spreadsheet.' }),
});

export const auditVerificationSchema = z
  .object({
    isWhole: z.boolean(),
    entries: z.int().meta({ description: 'How many were found in order, from the first on.' }),
    head: z.object({ number: z.int(), hash: z.string() }).nullable().meta({
      description: 'The end of the chain. Kept elsewhere, it shows later that nothing before it was rewritten.',
    }),
    broken: z
      .object({
        number: z.int(),
        reason: z.enum(['missing', 'changed', 'moved', 'unchained']),
        message: z.string(),
      })
      .nullable()
      .meta({ description: 'The first entry that is not what was written.' }),
  })
  .meta({ id: 'AuditVerification' });

export const securityOverviewSchema = z
  .object({
    days: z.array(
      z.object({
        day: z.string().meta({ description: 'In UTC, such as 2026-11-21.' }),
        failedSignIns: z.int(),
        refusals: z.int().meta({ description: 'What someone asked for and was not allowed.' }),
      }),
    ),
  })
  .meta({ id: 'SecurityOverview' });

export type AuditEvent = z.infer<typeof auditEventSchema>;
export type AuditList = z.infer<typeof auditListSchema>;
export type AuditVerification = z.infer<typeof auditVerificationSchema>;
export type SecurityOverview = z.infer<typeof securityOverviewSchema>;
export type ListAuditQuery = z.output<typeof listAuditQuerySchema>;
export type ExportAuditQuery = z.output<typeof exportAuditQuerySchema>;
