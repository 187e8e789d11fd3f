import type { OpenAPIHono } from '@hono/zod-openapi';
import { sessionCookie } from '../auth/create-auth.ts';
import type { ApiEnv } from '../context.ts';
import { describeOperations, problemExamples } from './describe-operations.ts';

const tags = [
  ['Flows', 'What a builder draws: drafts, versions, the switch.'],
  ['Runs', 'One execution of a flow: its steps, its repair.'],
  ['Insights', 'How runs, flows and nodes did: rates, durations, cost.'],
  ['Attention', 'Steps that wait for a person.'],
  ['Deliveries', 'The inbox: what webhooks brought.'],
  ['Schedules', 'Flows that start at times: pausing, starting now, making up for times.'],
  ['Connections', 'How flows reach other services.'],
  ['Variables', 'What expressions read as `env`.'],
  ['Masked fields', 'What of run data is kept from being read.'],
  ['Limits', 'How many runs and steps there may be at once, and how often they begin.'],
  ['Node kinds', 'What a flow can be made of.'],
  ['Members', 'The people of an org, and who owns it.'],
  ['Access', 'Roles, and the service accounts that have them.'],
  ['Account', 'Who is asking, API keys, the first set-up.'],
  ['Sign-in', 'Your account: password, second factor, sessions, tokens for programs.'],
  ['Temporal', 'For the Temporal UI.'],
  ['Health', 'Whether this process and what it needs are well.'],
].map(([name = '', description = '']) => ({ name, description }));

/** The document of every operation. Committed as `api/openapi.json`; a test compares. */
export const openApiDocument = (app: OpenAPIHono<ApiEnv>): Record<string, unknown> => {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Everwave API',
      version: '1.0.0',
      description: 'Flows, runs and their repair. Every error answer is a problem (RFC 9457) with a stable `code`.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    tags,
  });
  return {
    ...document,
    paths: describeOperations(document.paths ?? {}),
    components: {
      ...document.components,
      examples: problemExamples(),
      securitySchemes: {
        apiKey: {
          type: 'http' as const,
          scheme: 'bearer',
          description: 'An API key of your org, `ew_…`, or an access token of yours.',
        },
        session: {
          type: 'apiKey' as const,
          in: 'cookie' as const,
          name: sessionCookie.https,
          description: `Set by signing in. Over plain http its name is \`${sessionCookie.http}\`.`,
        },
      },
    },
  };
};
