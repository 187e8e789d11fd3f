import * as z from 'zod';

/**
 * Identifiers are a prefix that names the thing, an underscore, and 32 hexadecimal digits (a UUIDv7 without dashes,
 * so that they sort by age). Each has a brand: a run id cannot be passed where a flow id is asked for.
 */
const id = <const Prefix extends string, const Brand extends string>(prefix: Prefix) =>
  z
    .string()
    .regex(
      new RegExp(`^${prefix}_[0-9a-f]{32}$`),
      `Not an id of the form ${prefix}_ followed by 32 hexadecimal digits.`,
    )
    .brand<Brand>();

export const orgIdSchema = id<'org', 'OrgId'>('org');
export const flowIdSchema = id<'flow', 'FlowId'>('flow');
export const runIdSchema = id<'run', 'RunId'>('run');
export const triggerIdSchema = id<'trg', 'TriggerId'>('trg');
/** Deliveries that start a run together. */
export const collectionIdSchema = id<'col', 'CollectionId'>('col');
export const deliveryIdSchema = id<'dlv', 'DeliveryId'>('dlv');
export const connectionIdSchema = id<'conn', 'ConnectionId'>('conn');
export const deadLetterIdSchema = id<'dead', 'DeadLetterId'>('dead');
export const repairJobIdSchema = id<'rep', 'RepairJobId'>('rep');
export const alertChannelIdSchema = id<'chan', 'AlertChannelId'>('chan');
export const eventIdSchema = id<'evt', 'EventId'>('evt');
export const approvalIdSchema = id<'apr', 'ApprovalId'>('apr');
/** A role that an org made for itself. */
export const roleIdSchema = id<'role', 'RoleId'>('role');
export const serviceAccountIdSchema = id<'svc', 'ServiceAccountId'>('svc');
export const folderIdSchema = id<'fold', 'FolderId'>('fold');
export const grantIdSchema = id<'grant', 'GrantId'>('grant');
export const apiKeyIdSchema = id<'key', 'ApiKeyId'>('key');

export type OrgId = z.infer<typeof orgIdSchema>;
export type FlowId = z.infer<typeof flowIdSchema>;
export type RunId = z.infer<typeof runIdSchema>;
export type TriggerId = z.infer<typeof triggerIdSchema>;
export type CollectionId = z.infer<typeof collectionIdSchema>;
export type DeliveryId = z.infer<typeof deliveryIdSchema>;
export type ConnectionId = z.infer<typeof connectionIdSchema>;
export type DeadLetterId = z.infer<typeof deadLetterIdSchema>;
export type RepairJobId = z.infer<typeof repairJobIdSchema>;
export type AlertChannelId = z.infer<typeof alertChannelIdSchema>;
export type EventId = z.infer<typeof eventIdSchema>;
export type ApprovalId = z.infer<typeof approvalIdSchema>;
export type RoleId = z.infer<typeof roleIdSchema>;
export type ServiceAccountId = z.infer<typeof serviceAccountIdSchema>;
export type FolderId = z.infer<typeof folderIdSchema>;
export type GrantId = z.infer<typeof grantIdSchema>;
export type ApiKeyId = z.infer<typeof apiKeyIdSchema>;

/** A step's id inside a flow: visible in plain text to whoever operates Temporal, so it must hold no personal data. */
export const stepIdSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,39}$/,
    'A step id starts with a letter and holds at most 40 lower-case letters, digits and underscores.',
  )
  .brand<'StepId'>();
export type StepId = z.infer<typeof stepIdSchema>;

const prefixes = {
  org: orgIdSchema,
  flow: flowIdSchema,
  run: runIdSchema,
  trg: triggerIdSchema,
  col: collectionIdSchema,
  dlv: deliveryIdSchema,
  conn: connectionIdSchema,
  dead: deadLetterIdSchema,
  rep: repairJobIdSchema,
  chan: alertChannelIdSchema,
  evt: eventIdSchema,
  apr: approvalIdSchema,
  role: roleIdSchema,
  svc: serviceAccountIdSchema,
  key: apiKeyIdSchema,
  fold: folderIdSchema,
  grant: grantIdSchema,
} as const;

/** `toId('run', crypto.randomUUIDv7())`: randomness is the caller's, since this package has none. */
export const toId = <Prefix extends keyof typeof prefixes>(
  prefix: Prefix,
  uuid: string,
): z.infer<(typeof prefixes)[Prefix]> =>
  prefixes[prefix].parse(`${prefix}_${uuid.replaceAll('-', '')}`) as z.infer<(typeof prefixes)[Prefix]>;

/** The Temporal workflow id of a run. Plain text in Temporal: ids only. */
export const workflowIdOf = (orgId: string, runId: string): string => `t/${orgId}/r/${runId}`;

/** The Temporal workflow id of a host, in which several express runs are advanced together. */
export const hostWorkflowIdOf = (orgId: string, hostId: string): string => `t/${orgId}/h/${hostId}`;
