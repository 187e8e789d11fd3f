import * as z from 'zod';
import { runIdSchema } from '../ids.ts';

/** The media type of every error answer (RFC 9457). */
export const problemMediaType = 'application/problem+json';

export const problemErrorSchema = z
  .object({
    path: z
      .string()
      .meta({ description: 'Where: `name`, `graph.nodes[2].input.url`. Empty for the request as a whole.' }),
    message: z.string().meta({ description: 'What is wrong there and what to do.' }),
    code: z.string().optional().meta({ description: 'Stable, for machines, where the check has a name.' }),
    nodeId: z.string().optional(),
    edgeId: z.string().optional(),
    field: z.string().optional(),
    severity: z.enum(['error', 'warning']).optional(),
  })
  .meta({ id: 'ProblemError' });

/** The one shape of every error answer. `code` is for machines and stable, `detail` is for people. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'Names the kind of problem: `urn:everwave:problem:<code>`.' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    code: z.string(),
    errors: z.array(problemErrorSchema),
    requestId: z.string().meta({ description: 'Find the same id in the logs of api and worker.' }),
    runId: runIdSchema.optional().meta({ description: 'The run that it is about.' }),
  })
  .meta({ id: 'Problem', description: 'An error answer, RFC 9457.' });

export type Problem = z.infer<typeof problemSchema>;
export type ProblemError = z.infer<typeof problemErrorSchema>;
