import * as z from 'zod';
import { jsonSchema } from '../flow/graph.ts';
import { approvalIdSchema, flowIdSchema, runIdSchema } from '../ids.ts';
import { actorSchema, momentSchema, pageOf, pageQuery } from './values.ts';

/** `closed`: the run ended, or a person went on without an answer. */
const approvalStatusSchema = z.enum(['open', 'approved', 'rejected', 'timed_out', 'closed']);

const valuesSchema = z.record(z.string(), jsonSchema);
const decisionSchema = z.enum(['approved', 'rejected']);

const approvalAnswerSchema = z
  .object({
    decision: decisionSchema,
    by: actorSchema,
    at: momentSchema,
    comment: z.string().nullable(),
    values: valuesSchema,
  })
  .meta({ id: 'ApprovalAnswer' });

/** A step that waits, or waited, for the decision of people. */
export const approvalSchema = z
  .object({
    id: approvalIdSchema,
    url: z.url().meta({ description: 'The page on which it is answered.' }),
    runId: runIdSchema,
    runUrl: z.url(),
    flowId: flowIdSchema,
    flowName: z.string(),
    path: z.string(),
    stepId: z.string(),
    ordinal: z.int(),
    status: approvalStatusSchema,
    subject: z.string(),
    message: z.string().nullable(),
    form: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema of what whoever approves fills in.' }),
    roles: z.array(z.string()).meta({ description: 'Roles that may answer.' }),
    people: z.array(z.string()).meta({ description: 'E-mail addresses of others who may.' }),
    approvalsNeeded: z.int(),
    rejectionsNeeded: z.int(),
    answers: z.array(approvalAnswerSchema),
    mayAnswer: z.boolean().meta({ description: 'Whether the caller is among those who may answer, now.' }),
    openedAt: momentSchema,
    dueAt: momentSchema.nullable().meta({ description: 'When the run goes on without an answer.' }),
    closedAt: momentSchema.nullable(),
  })
  .meta({ id: 'Approval' });

export const approvalListSchema = pageOf(approvalSchema)
  .extend({ open: z.int().meta({ description: 'How many wait for the caller, whatever the filter.' }) })
  .meta({ id: 'ApprovalList' });

export const listApprovalsQuerySchema = z.object({
  ...pageQuery,
  state: z
    .enum(['mine', 'open', 'all'])
    .default('mine')
    .meta({ description: '`mine`: open, and the caller may answer and has not.' }),
  runId: runIdSchema.optional(),
  path: z.string().max(2_000).optional().meta({ description: 'The step; together with runId.' }),
});

export const answerApprovalRequestSchema = z
  .strictObject({
    decision: decisionSchema,
    values: valuesSchema.default({}).meta({ description: 'What the form asks for.' }),
    comment: z.string().max(10_000).optional(),
    link: z.string().max(200).optional().meta({ description: 'Token of a link, which is then used up.' }),
    requestId: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/)
      .optional()
      .meta({ description: 'Two answers with one id are one.' }),
  })
  .meta({ id: 'AnswerApproval' });

export const approvalReplySchema = z
  .object({
    approvalId: approvalIdSchema,
    status: z.enum(['open', 'approved', 'rejected']).meta({ description: '`open`: further answers are needed.' }),
  })
  .meta({ id: 'ApprovalReply' });

export const createApprovalLinkRequestSchema = z
  .strictObject({ recipient: z.email().max(320).meta({ description: 'E-mail address of a member who may answer.' }) })
  .meta({ id: 'CreateApprovalLink' });

export const approvalLinkSchema = z
  .object({
    url: z.url().meta({ description: 'Shown once. Whoever opens it must sign in as the recipient.' }),
    recipient: z.string(),
    approvalId: approvalIdSchema,
  })
  .meta({ id: 'ApprovalLink' });

const madeApprovalLinkSchema = z
  .object({
    id: z.uuid(),
    recipient: z.string(),
    createdAt: momentSchema,
    usedAt: momentSchema
      .nullable()
      .meta({ description: 'When an answer used it up: its own, or the one that decided.' }),
  })
  .meta({ id: 'MadeApprovalLink' });

/** The newest hundred; the links themselves are shown only when they are made. */
export const approvalLinkListSchema = z
  .object({ items: z.array(madeApprovalLinkSchema) })
  .meta({ id: 'ApprovalLinkList' });

export type Approval = z.infer<typeof approvalSchema>;
export type ApprovalList = z.infer<typeof approvalListSchema>;
export type ListApprovalsQuery = z.output<typeof listApprovalsQuerySchema>;
export type AnswerApprovalRequest = z.output<typeof answerApprovalRequestSchema>;
export type ApprovalReply = z.infer<typeof approvalReplySchema>;
export type ApprovalLink = z.infer<typeof approvalLinkSchema>;
export type MadeApprovalLink = z.infer<typeof madeApprovalLinkSchema>;
