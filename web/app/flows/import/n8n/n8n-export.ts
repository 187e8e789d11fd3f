import * as z from 'zod';

/** What this reads of a workflow that n8n exported; all else in it is passed over. */
const nodeSchema = z.object({
  name: z.string().min(1).max(200),
  type: z.string().min(1).max(200),
  parameters: z.record(z.string(), z.unknown()).catch({}),
  disabled: z.boolean().catch(false),
  notes: z.string().catch(''),
  onError: z.string().catch(''),
  continueOnFail: z.boolean().catch(false),
  retryOnFail: z.boolean().catch(false),
  maxTries: z.number().optional().catch(undefined),
  waitBetweenTries: z.number().optional().catch(undefined),
});

const targetSchema = z.object({ node: z.string() });

export const n8nExportSchema = z.object({
  name: z.string().catch(''),
  nodes: z.array(nodeSchema).min(1).max(1_000),
  /** By node: for each way out, where it leads. */
  connections: z.record(
    z.string(),
    z.object({ main: z.array(z.array(targetSchema).nullable()).catch([]) }).catch({ main: [] }),
  ),
  settings: z.object({ timezone: z.string().optional() }).catch({}),
});

export type N8nExport = z.infer<typeof n8nExportSchema>;
export type N8nNode = N8nExport['nodes'][number];

/** `httpRequest` of `n8n-nodes-base.httpRequest`. */
export const typeOf = ({ type }: N8nNode): string => type.slice(type.lastIndexOf('.') + 1);

/** Whether JSON looks like one at all, for a file that is something else is refused in other words. */
export const isN8nExport = (json: unknown): boolean =>
  typeof json === 'object' &&
  json !== null &&
  Array.isArray((json as { nodes?: unknown }).nodes) &&
  typeof (json as { connections?: unknown }).connections === 'object' &&
  !('format' in json);
