import { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv, AppDependencies, Shared } from './context.ts';
import { defaultDeny, middlewareEndsHere } from './edge/default-deny.ts';
import { authRoutes, otherRoutes } from './edge/other-routes.ts';
import { createRouteTable } from './edge/route-table.ts';
import { addDocumentation } from './docs/docs-routes.ts';
import { createStreamLimit } from './events/stream-limit.ts';
import { answerProblem, refuseShape } from './http/answer-problem.ts';
import { nothingHere } from './http/nothing-here.ts';
import { authenticate } from './middleware/authenticate.ts';
import { crossOrigin, sameOrigin } from './middleware/cross-origin.ts';
import { checkJsonBody, limitBody, limitDelivery, maxBodyBytes, refuseNulInAddress } from './middleware/json-body.ts';
import { createRateLimit, limitCalls } from './middleware/rate-limit.ts';
import { createSharedRateLimit } from './middleware/shared-rate-limit.ts';
import { requireSession } from './middleware/require-session.ts';
import { requestId } from './middleware/request-id.ts';
import { requestLog } from './middleware/request-log.ts';
import { traceRequest } from './middleware/trace-request.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { openApiDocument } from './openapi/open-api-document.ts';
import { authHandler } from './routes/auth/auth-handler.ts';
import { hookHandler, maxDeliveryBytes } from './routes/hooks/hook-handler.ts';
import { metricsHandler } from './routes/health/metrics-handler.ts';
import { operations } from './routes/operations.ts';
import { notedPerAddress } from './services/audit/note-refusal.ts';
import { notedKeys } from './services/audit/note-refused-key.ts';
import { checkReadiness } from './services/health/check-readiness.ts';
import { readUnservedQueues } from './services/health/read-unserved-queues.ts';
import { remember } from './services/health/remember.ts';

/** Every way into the api. What is not in it does not answer, and a check names it. */
export const routeTable = createRouteTable(operations, otherRoutes);

/** What those send who are not signed in yet is short. */
const anonymousPaths = ['sign-in', 'sign-up', 'password-resets', 'email-verifications', 'tokens'].map(
  (name) => `/v1/${name}/*`,
);

/** The whole API as a value: `main.ts` puts it on a socket, tests call `app.request(…)`. */
export const createApp = (dependencies: AppDependencies, table = routeTable): OpenAPIHono<ApiEnv> => {
  const { settings } = dependencies;
  const { callsPerMinute, orgCallsPerMinute, anonymousPerMinute, signInsPerMinute } = settings.limits;
  const { streamsPerCaller, streamsInAll } = settings.limits;
  const shared: Shared = {
    streams: createStreamLimit({ perCaller: streamsPerCaller, inAll: streamsInAll }),
    attempts: createSharedRateLimit(dependencies.db, { name: 'attempts', points: signInsPerMinute, seconds: 60 }),
    readiness: remember(1_000, () => checkReadiness(dependencies)),
    unservedQueues: remember(5_000, () => readUnservedQueues(dependencies.temporal)),
    notedRefusals: createRateLimit(notedPerAddress.points, notedPerAddress.seconds),
    notedKeys: createSharedRateLimit(dependencies.db, notedKeys),
  };
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: refuseShape });

  app.use(async (c, next) => {
    c.set('dependencies', dependencies);
    c.set('shared', shared);
    await next();
  });
  app.use(requestId(), traceRequest(), requestLog(), securityHeaders(), crossOrigin(settings), defaultDeny(app, table));
  app.onError(answerProblem);
  app.notFound((c) => answerProblem(nothingHere(c, table), c));

  for (const path of anonymousPaths) app.use(path, limitBody(16 * 1024));
  const anonymous = createRateLimit(anonymousPerMinute, 60);
  const calls = {
    perCaller: createRateLimit(callsPerMinute, 60),
    perOrg: createRateLimit(orgCallsPerMinute, 60),
    anonymous,
  };
  for (const path of ['/v1/*', '/codec/*'] as const) {
    app.use(path, limitBody(maxBodyBytes), sameOrigin(settings), authenticate(anonymous), limitCalls(calls));
    app.use(path, refuseNulInAddress(), checkJsonBody());
  }
  middlewareEndsHere(app);
  app.openapiRoutes(operations.map(({ route, handler }) => ({ route, handler })));

  const auth = authHandler(settings.limits);
  for (const { method, path, access } of authRoutes) {
    app.on(method, path, limitBody(16 * 1024), sameOrigin(settings));
    if (access.kind !== 'public') app.on(method, path, requireSession());
    app.on(method, path, checkJsonBody(), auth);
  }
  app.all('/hooks/:token', limitDelivery(maxDeliveryBytes, settings.limits), hookHandler(settings.limits));
  app.get('/metrics', metricsHandler);
  app.get('/openapi.json', (c) => c.json(openApiDocument(app)));
  addDocumentation(app);
  return app;
};
