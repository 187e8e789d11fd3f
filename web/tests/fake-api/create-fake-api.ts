import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import * as api from '@everwave/schema/api';
import { Hono, type Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { addAccess, isReached, mayWithFlow } from './access.ts';
import { answer, page, problem } from './answers.ts';
import { addAccounts } from './accounts.ts';
import { addAudit } from './audit.ts';
import { addDeadLetters } from './dead-letters.ts';
import { addDrafts } from './drafts.ts';
import { idOf } from './ids.ts';
import { insightsOf } from './insights-of.ts';
import { valueAddress } from './keep-value.ts';
import { addLimits } from './limits.ts';
import { credentialKinds, manifests } from './manifests.ts';
import { addAccount, addSignIn } from './identity.ts';
import { addInvitationLinks, addPeople } from './people.ts';
import { addMaskedFields, shownRun } from './masked-fields.ts';
import { addSchedules } from './schedules.ts';
import { addVariables } from './variables.ts';
import { tellFlow, type World } from './world.ts';

export interface FakeApi {
  readonly app: Hono;
  /** The world it answers from. */
  readonly world: World;
  /** Puts another world in its place. */
  setWorld(world: World): void;
  /** Answers every call with this problem until it is null again. */
  setFault(fault: { readonly status: 403 | 500 | 503; readonly code: string } | null): void;
  /** Refuses the event streams, so that pages fall back to asking. */
  setStreams(areOpen: boolean): void;
  /** Tells every open stream that a run changed. */
  announce(runId: string): void;
}

const sessionCookie = 'fake_session=mara';

const oneOf = (c: Context, name: string, value: string): boolean => {
  const asked = c.req.queries(name);
  return !asked || asked.length === 0 || asked.includes(value);
};

/** Of a run with very many steps some iterations are left out, as the api does it. */
const shownOf = (run: api.Run, beside = ''): api.Run => {
  if (run.steps.length <= 2_000) return run;
  const iteration = /^.*\]/.exec(beside)?.[0];
  const steps = run.steps.filter(
    ({ path }) => !/\[([5-9]\d|\d{3,})\]/.test(path) || (iteration !== undefined && path.startsWith(`${iteration}.`)),
  );
  return { ...run, steps, hiddenSteps: run.steps.length - steps.length };
};

/** Earlier versions told nobody, and thanked in other words. */
const graphOfVersion = ({ graph, version }: Pick<api.Flow, 'graph' | 'version'>, asked: number): api.Flow['graph'] => {
  if (version === null || asked >= version) return graph;
  const nodes = graph.nodes
    .filter(({ id }) => id !== 'announce')
    .map((node) => (node.id === 'thank' ? { ...node, input: { ...node.input, subject: 'Thank you' } } : node));
  return {
    ...graph,
    nodes,
    edges: graph.edges.filter(({ from, to }) => ![from, to].some((end) => end === 'announce')),
  };
};

/** The api's routes over a small world in memory, for pages without the stack behind them. */
export const createFakeApi = (first: World): FakeApi => {
  let world = first;
  const app = new Hono();
  const streams = new Set<(runId: string) => void>();
  let fault: Parameters<FakeApi['setFault']>[0] = null;
  let streamsAreOpen = true;

  const eventOf = (run: api.Run, withSteps: boolean): api.RunEvent => ({
    type: 'run',
    runId: run.id,
    flowId: run.flowId,
    status: run.status,
    seq: run.logs.length + run.attempts.length,
    updatedAt: run.updatedAt,
    ...(withSteps ? { steps: run.steps } : {}),
  });
  const announce = (runId: string): void => {
    for (const tell of streams) tell(runId);
  };

  app.get('/healthz', (c) => answer(c, api.healthSchema, { status: 'ok', version: '0.1.0' }));
  app.get('/v1/setup', (c) => answer(c, api.setupStateSchema, { needed: world.setupNeeded }));
  app.post('/v1/setup', async (c) => {
    const body = api.setupRequestSchema.parse(await c.req.json());
    if (body.token !== 'good-token') {
      return problem(
        c,
        403,
        'setup_link_invalid',
        'This link is wrong, was used, or is too old. Start Everwave again for a new one.',
      );
    }
    world.setupNeeded = false;
    world.session = sessionCookie;
    c.header('set-cookie', `${sessionCookie}; Path=/; HttpOnly; SameSite=Lax`);
    return answer(c, api.setupReplySchema, { userId: 'u_mara', orgId: world.me.org.id, role: 'owner' });
  });
  addSignIn(
    app,
    () => {
      world.session = sessionCookie;
      return `${sessionCookie}; Path=/; HttpOnly; SameSite=Lax`;
    },
    () => world.isSignUpOpen,
  );
  app.post('/auth/sign-out', (c) => {
    world.session = null;
    return c.json({ success: true }, 200, { 'set-cookie': 'fake_session=; Path=/; Max-Age=0' });
  });

  addInvitationLinks(app, () => world, sessionCookie);
  app.use('/v1/*', async (c, next) => {
    if (fault && c.req.path !== '/v1/me' && c.req.path !== '/v1/dead-letters') {
      return problem(
        c,
        fault.status,
        fault.code,
        'The database does not answer. Everything that was accepted is safe.',
      );
    }
    if (!c.req.header('cookie')?.includes(sessionCookie)) return problem(c, 401, 'not_signed_in', 'Sign in first.');
    await next();
  });

  app.get('/v1/me', (c) => answer(c, api.meSchema, world.me));
  app.get('/v1/system/status', (c) => {
    const waiting = [...world.runs.values()].filter(({ status }) => status === 'queued').length;
    return answer(c, api.systemStatusSchema, {
      status: 'ok',
      problems: [],
      version: '0.1.0',
      upSince: new Date(Date.now() - 7_200_000).toISOString(),
      checks: { postgres: { ok: true, latencyMs: 1 }, temporal: { ok: true, latencyMs: 3 } },
      workers: [
        {
          identity: 'everwave-worker-roastery-4711',
          queues: ['code', 'flow', 'heavy', 'money'],
          lastSeenAt: new Date(Date.now() - 8_000).toISOString(),
        },
      ],
      taskQueues: [],
      mail: { isSet: true, waiting: 0, oldestMs: 0, gaveUp: 0 },
      backlog: {
        queuedRuns: waiting,
        oldestQueuedMs: 0,
        pendingDeliveries: 0,
        collectingDeliveries: world.deliveries.filter(({ status }) => status === 'collecting').length,
        heldDeliveries: world.deliveries.filter(({ status }) => status === 'held').length,
        deadLetters: world.deadLetters.length,
      },
    });
  });
  app.get('/v1/system/unserved-queues', (c) =>
    answer(c, api.unservedQueuesSchema, { items: [...world.unservedQueues] }),
  );
  app.get('/v1/insights', (c) => {
    const { days, flowId } = api.insightsQuerySchema.parse(c.req.query());
    return answer(c, api.insightsSchema, insightsOf([...world.runs.values()], days, flowId, Date.now()));
  });
  app.get('/v1/node-kinds', (c) => answer(c, api.nodeKindListSchema, { items: manifests as never }));
  app.get('/v1/credential-kinds', (c) => answer(c, api.credentialKindListSchema, { items: credentialKinds as never }));

  addAccess(app, () => world);
  const placed = <Flow extends { readonly id: string }>(flow: Flow) => ({
    ...flow,
    folderId: (world.access.places.get(flow.id) ?? null) as api.Flow['folderId'],
    may: mayWithFlow(world, flow.id),
  });
  app.get('/v1/flows', (c) => {
    const folder = c.req.query('folderId');
    const search = c.req.query('search')?.toLowerCase() ?? '';
    const tags = c.req.queries('tag') ?? [];
    const asked = c.req.queries('status');
    const found = [...world.flows.values()].filter(
      (flow) =>
        `${flow.name} ${flow.description}`.toLowerCase().includes(search) &&
        tags.every((tag) => flow.tags.includes(tag)) &&
        (folder === undefined || world.access.places.get(flow.id) === folder) &&
        isReached(world, 'flow', flow.id) &&
        (asked ? asked.includes(flow.status) : flow.status !== 'archived'),
    );
    return answer(c, api.flowListSchema, page(c, found.map(placed)));
  });
  addDrafts(app, () => world);
  app.get('/v1/tags', (c) => {
    const counts = new Map<string, number>();
    for (const flow of world.flows.values()) for (const tag of flow.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    return answer(c, api.tagListSchema, { items: [...counts].map(([tag, count]) => ({ tag, flows: count })) });
  });
  app.get('/v1/flows/:id', (c) => {
    const flow = world.flows.get(c.req.param('id'));
    if (flow && !isReached(world, 'flow', flow.id)) {
      return problem(c, 403, 'not_allowed', 'This is kept for some people only.');
    }
    return flow
      ? answer(c, api.flowSchema, tellFlow(placed(flow)))
      : problem(c, 404, 'flow_not_found', 'There is no such flow here.');
  });
  app.get('/v1/flows/:id/versions', (c) => {
    const flow = world.flows.get(c.req.param('id'));
    const live = flow?.version ?? 0;
    const notes = ['Thank gold customers too', 'Ask the new CRM', 'First version'];
    const items = Array.from({ length: Math.min(live, 3) }, (_, at) => ({
      flowId: c.req.param('id') as api.Flow['id'],
      version: live - at,
      planHash: 'b5f9c1de',
      note: notes[at] ?? '',
      publishedBy: 'Mara Lindqvist',
      publishedAt: new Date(Date.now() - (at + 1) * 93_000_000).toISOString(),
      live: at === 0,
    }));
    return answer(c, api.flowVersionListSchema, { items, nextCursor: null });
  });
  app.get('/v1/flows/:id/versions/:version', (c) => {
    const flow = world.flows.get(c.req.param('id'));
    if (!flow) return problem(c, 404, 'flow_not_found', 'There is no such flow here.');
    return answer(c, api.flowVersionSchema, {
      flowId: flow.id,
      version: Number(c.req.param('version')),
      planHash: 'b5f9c1de',
      note: '',
      publishedBy: 'Mara Lindqvist',
      publishedAt: flow.updatedAt,
      live: Number(c.req.param('version')) === flow.version,
      graph: graphOfVersion(flow, Number(c.req.param('version'))),
    });
  });
  app.post('/v1/flows/:id/validate', (c) => {
    const isOrder = world.flows.get(c.req.param('id'))?.name === 'New order';
    const issue = {
      severity: 'warning' as const,
      code: 'missing_connection',
      message: '“Pay back” has no connection, so it can only reach addresses that ask for no key.',
      path: 'nodes[3].connectionId',
      nodeId: 'pay_back',
    };
    return answer(c, api.validateFlowReplySchema, { valid: isOrder, issues: isOrder ? [] : [issue] });
  });
  for (const [verb, status] of [
    ['activate', 'active'],
    ['deactivate', 'inactive'],
  ] as const) {
    app.post(`/v1/flows/:id/${verb}`, (c) => {
      const flow = world.flows.get(c.req.param('id'));
      if (!flow) return problem(c, 404, 'flow_not_found', 'There is no such flow here.');
      const changed = { ...flow, status };
      world.flows.set(flow.id, changed);
      return answer(c, api.flowSchema, tellFlow(changed));
    });
  }
  app.post('/v1/flows/:id/runs', async (c) => {
    api.startRunRequestSchema.parse(await c.req.json());
    if (world.flows.get(c.req.param('id'))?.status !== 'active') {
      return problem(c, 409, 'flow_inactive', 'Activate the flow before you run it.');
    }
    const run = [...world.runs.values()].find((each) => each.flowId === c.req.param('id'));
    if (!run) return problem(c, 409, 'not_published', 'Publish the flow first.');
    // News of the run is faster than this answer, as it can be in the product.
    announce(run.id);
    await sleep(500);
    return answer(c, api.startedRunSchema, { runId: run.id, url: run.url });
  });

  app.get('/v1/runs', (c) => {
    const text = c.req.query('text')?.toLowerCase();
    const from = Date.parse(c.req.query('from') ?? '1970-01-01T00:00:00Z');
    const found = [...world.runs.values()].filter(
      (run) =>
        oneOf(c, 'status', run.status) &&
        oneOf(c, 'flowId', run.flowId) &&
        Date.parse(run.createdAt) >= from &&
        (!text || `${run.flowName} ${run.id} ${run.failure?.message ?? ''}`.toLowerCase().includes(text)),
    );
    return answer(c, api.runListSchema, page(c, found));
  });
  const stream = (c: Context, runId: string | null): Response => {
    if (!streamsAreOpen) return problem(c, 503, 'unavailable', 'No streams now.');
    return streamSSE(c, async (sse) => {
      const tell = (changed: string): void => {
        const run = world.runs.get(changed);
        if (!run || (runId !== null && runId !== changed)) return;
        void sse.writeSSE({
          event: 'run',
          data: JSON.stringify(api.runEventSchema.parse(eventOf(run, runId !== null))),
        });
      };
      streams.add(tell);
      await sse.write(': hello\n\n');
      await new Promise<void>((resolve) => sse.onAbort(resolve));
      streams.delete(tell);
    });
  };
  app.get('/v1/runs/events', (c) => stream(c, null));
  app.get('/v1/runs/:id/events', (c) => stream(c, c.req.param('id')));
  app.get('/v1/runs/:id', (c) => {
    const run = world.runs.get(c.req.param('id'));
    if (!run) return problem(c, 404, 'run_not_found', 'There is no such run here.');
    const shown = shownRun(world, shownOf(run, c.req.query('step')), c.req.query('unmask'));
    return shown
      ? answer(c, api.runSchema, { ...shown, may: mayWithFlow(world, run.flowId) })
      : problem(c, 403, 'not_allowed', 'This needs the permission values:unmask.');
  });
  app.get('/v1/runs/:id/steps/:path/:of', (c) => {
    const { id, path, of } = c.req.param();
    const json = world.keptValues.get(valueAddress(id, path, of));
    if (json === undefined) return problem(c, 404, 'step_value_not_found', `The step ${path} has no ${of}.`);
    return c.body(json, 200, { 'content-type': 'application/json', 'content-length': String(json.length) });
  });
  app.get('/v1/runs/:id/files', (c) => {
    const items = world.files.filter(({ ofRun }) => ofRun === c.req.param('id')).map(({ file }) => file);
    return answer(c, api.runFileListSchema, { items, nextCursor: null });
  });
  app.get('/v1/runs/:id/files/:sha256', (c) => {
    const { id, sha256 } = c.req.param();
    const found = world.files.find(({ ofRun, file }) => ofRun === id && file.sha256 === sha256);
    if (!found) return problem(c, 404, 'file_not_found', 'The run has made no such file.');
    return c.body(found.content, 200, {
      'content-type': found.file.mediaType,
      'content-disposition': `attachment; filename="${found.file.name}"`,
    });
  });
  app.post('/v1/runs/:id/rerun', async (c) => {
    const { version } = api.rerunRequestSchema.parse(await c.req.json());
    const run = world.runs.get(c.req.param('id'));
    if (!run) return problem(c, 404, 'run_not_found', 'There is no such run here.');
    if (version === 'live') return problem(c, 409, 'flow_inactive', 'Activate the flow before you run it.');
    const id = idOf('run', `${run.id} again`);
    const again: api.Run = { ...run, id, url: run.url.replace(run.id, id), status: 'queued', rerunOfRunId: run.id };
    world.runs.set(id, again);
    return answer(c, api.startedRunSchema, { runId: id, url: again.url });
  });
  app.post('/v1/runs/:id/fork/preview', async (c) => {
    const { from } = api.forkRequestSchema.parse(await c.req.json());
    const run = world.runs.get(c.req.param('id'));
    if (!run) return problem(c, 404, 'run_not_found', 'There is no such run here.');
    const step = run.steps.find(({ path }) => path === from);
    const place = { path: from, stepId: step?.stepId ?? from, title: step?.title ?? from };
    return answer(c, api.forkPreviewSchema, {
      runId: run.id,
      from,
      flowVersion: run.flowVersion,
      fits: true,
      problems: [],
      differences: [],
      again: [place],
      counts: { again: 1, stands: run.steps.length - 1, loops: [] },
      effects: [{ ...place, state: 'confirmed', isKept: false, at: run.createdAt }],
      supersedes: run.finishedAt === null,
    });
  });
  app.post('/v1/runs/:id/fork', async (c) => {
    const { from, accept } = api.forkRequestSchema.parse(await c.req.json());
    const run = world.runs.get(c.req.param('id'));
    if (!run) return problem(c, 404, 'run_not_found', 'There is no such run here.');
    if (accept.length === 0) return problem(c, 409, 'effects_not_accepted', 'One step has had an effect outside.');
    const id = idOf('run', `${run.id} fork`);
    const url = run.url.replace(run.id, id);
    world.runs.set(id, { ...run, id, url, status: 'queued', forkOfRunId: run.id, forkAt: from });
    const forks = [{ id, at: from, status: 'queued' as const, createdAt: new Date().toISOString() }, ...run.forks];
    world.runs.set(run.id, { ...run, forks });
    return answer(c, api.startedRunSchema, { runId: id, url });
  });
  app.get('/v1/runs/:id/migrations', (c) => {
    const run = world.runs.get(c.req.param('id'));
    if (!run) return problem(c, 404, 'run_not_found', 'There is no such run here.');
    const message = 'Look the order up ("lookup") is set up differently in version 9.';
    const problems = [{ code: 'step_changed', stepId: 'lookup', message }];
    const about = { runId: run.id, publishedAt: run.createdAt };
    const items = [
      { ...about, flowVersion: 9, live: true, note: 'Orders from another place', fits: false, problems },
      { ...about, flowVersion: 2, live: false, note: '', fits: true, problems: [] },
    ];
    return answer(c, api.migrationListSchema, { items, nextCursor: null });
  });
  app.post('/v1/runs/:id/repair', async (c) => {
    const repair = api.repairRequestSchema.parse(await c.req.json());
    const run = world.runs.get(c.req.param('id'));
    if (!run) return problem(c, 404, 'run_not_found', 'There is no such run here.');
    const isOpen = ['running', 'waiting', 'queued', 'needs_attention'].includes(run.status);
    if (!isOpen) return problem(c, 409, 'run_closed', 'This run has already ended.');
    const now = new Date().toISOString();
    const closes = repair.action === 'failRun' ? 'failed' : repair.action === 'cancelRun' ? 'cancelled' : null;
    world.runs.set(run.id, {
      ...run,
      status: closes ?? 'running',
      updatedAt: now,
      finishedAt: closes ? now : null,
      steps: run.steps.map((step) =>
        'path' in repair && step.path === repair.path
          ? {
              ...step,
              status:
                repair.action === 'skipStep' ? 'skipped' : repair.action === 'completeStep' ? 'succeeded' : 'running',
              failure: null,
              ...(repair.action === 'completeStep' ? { output: repair.output } : {}),
            }
          : step,
      ),
    });
    const at = world.deadLetters.findIndex((letter) => letter.runId === run.id);
    if (at >= 0) world.deadLetters.splice(at, 1);
    announce(run.id);
    return answer(c, api.repairReplySchema, {
      runId: run.id,
      action: repair.action,
      requestId: repair.requestId ?? 'req-fake',
      status: closes ?? 'running',
    });
  });

  addDeadLetters(app, () => world);
  addLimits(app, () => world);
  addAccount(app);
  addPeople(app, () => world);
  addAccounts(app, () => world);
  app.get('/v1/approvals', (c) => {
    const state = c.req.query('state') ?? 'mine';
    const [runId, path] = [c.req.query('runId'), c.req.query('path')];
    const mine = world.approvals.filter(({ mayAnswer }) => mayAnswer);
    const found = (state === 'mine' ? mine : world.approvals)
      .filter(({ status }) => state !== 'open' || status === 'open')
      .filter((each) => (!runId || each.runId === runId) && (!path || each.path === path));
    return answer(c, api.approvalListSchema, { ...page(c, found), open: mine.length });
  });
  const findApproval = (id: string) => world.approvals.find((each) => each.id === id);
  app.get('/v1/approvals/:id', (c) => {
    const found = findApproval(c.req.param('id'));
    return found
      ? answer(c, api.approvalSchema, found)
      : problem(c, 404, 'approval_not_found', 'There is no such approval here.');
  });
  app.get('/v1/approvals/:id/links', (c) => {
    if (!world.me.permissions.includes('runs:repair')) {
      return problem(c, 403, 'not_allowed', 'This needs the permission runs:repair.');
    }
    const items = world.approvalLinks.filter(({ approvalId }) => approvalId === c.req.param('id'));
    return answer(c, api.approvalLinkListSchema, { items });
  });
  app.post('/v1/approvals/:id/links', async (c) => {
    const { recipient } = api.createApprovalLinkRequestSchema.parse(await c.req.json());
    const found = findApproval(c.req.param('id'));
    if (!found) return problem(c, 404, 'approval_not_found', 'There is no such approval here.');
    if (!recipient.endsWith('@hartwell.coffee')) {
      const message = `${recipient} is no member of your org who may answer this approval.`;
      return problem(c, 422, 'recipient_may_not_answer', message);
    }
    const now = new Date().toISOString();
    world.approvalLinks.unshift({ id: randomUUID(), approvalId: found.id, recipient, createdAt: now, usedAt: null });
    const url = `${new URL(found.url).origin}/approvals/link/made-just-now`;
    return answer(c, api.approvalLinkSchema, { url, recipient, approvalId: found.id });
  });
  app.delete('/v1/approvals/:id/links/:linkId', (c) => {
    const at = world.approvalLinks.findIndex((each) => each.id === c.req.param('linkId'));
    if (at >= 0) world.approvalLinks.splice(at, 1);
    return c.body(null, 204);
  });
  app.get('/v1/approval-links/:token', (c) => {
    const [first] = world.approvals;
    if (c.req.param('token') !== 'good-link' || !first) {
      return problem(
        c,
        404,
        'approval_link_not_found',
        'This link leads nowhere. Ask for a new one, or open Approvals.',
      );
    }
    if (first.status !== 'open') return problem(c, 409, 'approval_link_used', 'This link has been used.');
    return answer(c, api.approvalSchema, first);
  });
  app.post('/v1/approvals/:id/answer', async (c) => {
    const { decision, values, comment } = api.answerApprovalRequestSchema.parse(await c.req.json());
    const found = findApproval(c.req.param('id'));
    if (!found) return problem(c, 404, 'approval_not_found', 'There is no such approval here.');
    if (found.status !== 'open') {
      const message = `This was ${found.status} by ${found.answers.at(-1)?.by.name} already.`;
      return problem(c, 409, 'approval_closed', message, [{ path: '', message, code: 'approval_answered' }]);
    }
    const { amount } = values;
    if (decision === 'approved' && typeof amount === 'number' && amount > 48) {
      const message = 'Amount in euro must be at most 48.';
      return problem(c, 422, 'answer_invalid', message, [{ path: 'values.amount', message, code: 'invalid_value' }]);
    }
    const at = new Date().toISOString();
    const by = { id: world.me.user?.id ?? '', name: world.me.user?.name ?? '' };
    const answers = [...found.answers, { decision, by, at, comment: comment ?? null, values }];
    world.approvals.splice(world.approvals.indexOf(found), 1, {
      ...found,
      status: decision,
      answers,
      mayAnswer: false,
      closedAt: at,
    });
    return answer(c, api.approvalReplySchema, { approvalId: found.id, status: decision });
  });
  app.get('/v1/deliveries', (c) => {
    const found = world.deliveries.filter((delivery) => oneOf(c, 'status', delivery.status));
    return answer(c, api.deliveryListSchema, page(c, found));
  });
  app.get('/v1/deliveries/:id', (c) => {
    const delivery = world.deliveries.find((each) => each.id === c.req.param('id'));
    return delivery
      ? answer(c, api.deliverySchema, delivery)
      : problem(c, 404, 'delivery_not_found', 'There is no such delivery here.');
  });
  app.post('/v1/deliveries/:id/replay', (c) => {
    const at = world.deliveries.findIndex((each) => each.id === c.req.param('id'));
    const delivery = world.deliveries[at];
    const run = [...world.runs.values()][0];
    if (!delivery || !run) return problem(c, 404, 'delivery_not_found', 'There is no such delivery here.');
    const replayed = {
      ...delivery,
      status: 'dispatched' as const,
      runId: run.id,
      dispatchedAt: new Date().toISOString(),
    };
    world.deliveries[at] = replayed;
    return answer(c, api.startedRunSchema, { runId: run.id, url: run.url });
  });

  app.get('/v1/connections', (c) => {
    const seen = world.connections.filter(({ id }) => isReached(world, 'connection', id));
    return answer(c, api.connectionListSchema, page(c, seen));
  });
  app.get('/v1/connections/:id', (c) => {
    const found = world.connections.find(({ id }) => id === c.req.param('id'));
    return found
      ? answer(c, api.connectionSchema, found)
      : problem(c, 404, 'connection_not_found', 'There is no such connection here.');
  });
  app.post('/v1/connections', async (c) => {
    const body = api.createConnectionRequestSchema.parse(await c.req.json());
    const now = new Date().toISOString();
    const made: api.Connection = {
      id: idOf('conn', body.name),
      name: body.name,
      kind: body.kind,
      settings: body.settings,
      secretFields: Object.keys(body.secret),
      usedBy: [],
      lastTest: null,
      createdAt: now,
      updatedAt: now,
    };
    world.connections.push(made);
    return answer(c, api.connectionSchema, made);
  });
  app.patch('/v1/connections/:id', async (c) => {
    const body = api.updateConnectionRequestSchema.parse(await c.req.json());
    const at = world.connections.findIndex((each) => each.id === c.req.param('id'));
    const known = world.connections[at];
    if (!known) return problem(c, 404, 'connection_not_found', 'There is no such connection here.');
    const settings = body.settings ?? known.settings;
    if (known.secretFields.length > 0 && !body.secret && !isDeepStrictEqual(settings, known.settings)) {
      return problem(
        c,
        422,
        'connection_invalid',
        'Enter the secret again: with other settings it may go somewhere else.',
        [{ path: 'secret', message: 'Enter it again, since the settings changed.', code: 'secret_needed' }],
      );
    }
    const changed = {
      ...known,
      name: body.name ?? known.name,
      settings,
      secretFields: body.secret ? Object.keys(body.secret) : known.secretFields,
      lastTest: body.settings || body.secret ? null : known.lastTest,
    };
    world.connections[at] = changed;
    return answer(c, api.connectionSchema, changed);
  });
  app.post('/v1/connections/:id/test', (c) =>
    answer(c, api.connectionTestSchema, { status: 'ok', message: 'It answered.', testedAt: new Date().toISOString() }),
  );

  app.get('/v1/api-keys', (c) =>
    world.me.permissions.includes('apiKeys:manage')
      ? answer(c, api.apiKeyListSchema, { items: world.apiKeys })
      : problem(c, 403, 'not_allowed', 'This needs the permission apiKeys:manage.'),
  );
  app.post('/v1/api-keys', async (c) => {
    const body = api.createApiKeyRequestSchema.parse(await c.req.json());
    const account = world.serviceAccounts.find(({ id }) => id === body.serviceAccountId);
    const role = account?.role ?? body.role ?? 'developer';
    const held = world.roles.find(({ id }) => id === role);
    const key: api.ApiKey = {
      id: `key_${world.apiKeys.length}`,
      name: body.name,
      start: 'ew_7Hd3',
      role,
      roleName: held?.name ?? role,
      serviceAccount: account ? { id: account.id, name: account.name } : null,
      scopes: body.scopes,
      permissions: body.scopes ?? held?.permissions ?? [],
      createdBy: { id: 'u_mara', name: 'Mara Lindqvist' },
      createdAt: new Date().toISOString(),
      expiresAt: null,
      lastUsedAt: null,
    };
    world.apiKeys.push(key);
    return answer(c, api.createdApiKeySchema, { ...key, key: 'ew_7Hd3mK0pQ2vX9sLw4TzB6nYc8RfJ1gUa' });
  });
  app.delete('/v1/api-keys/:id', (c) => {
    const at = world.apiKeys.findIndex((each) => each.id === c.req.param('id'));
    if (at >= 0) world.apiKeys.splice(at, 1);
    return c.body(null, 204);
  });

  app.get('/v1/service-accounts', (c) => answer(c, api.serviceAccountListSchema, { items: world.serviceAccounts }));
  app.post('/v1/service-accounts', async (c) => {
    const body = api.createServiceAccountRequestSchema.parse(await c.req.json());
    const id = idOf('svc', body.name);
    const createdAt = new Date().toISOString();
    const account: api.ServiceAccount = { ...body, id, roleName: body.role, apiKeys: 0, disabledAt: null, createdAt };
    world.serviceAccounts.push(account);
    return answer(c, api.serviceAccountSchema, account);
  });
  app.patch('/v1/service-accounts/:id', async (c) => {
    const { isDisabled } = api.updateServiceAccountRequestSchema.parse(await c.req.json());
    const at = world.serviceAccounts.findIndex(({ id }) => id === c.req.param('id'));
    const before = world.serviceAccounts[at];
    if (!before) return problem(c, 404, 'service_account_not_found', 'Your org has no such service account.');
    const account = { ...before, disabledAt: isDisabled ? new Date().toISOString() : null };
    world.serviceAccounts[at] = account;
    return answer(c, api.serviceAccountSchema, account);
  });

  app.get('/v1/roles', (c) => answer(c, api.roleListSchema, { items: world.roles }));
  app.post('/v1/roles', async (c) => {
    const body = api.createRoleRequestSchema.parse(await c.req.json());
    if (world.roles.some(({ name }) => name === body.name)) {
      return problem(c, 409, 'name_taken', `Another role is called “${body.name}”. Choose another name.`, [
        { path: 'name', message: 'This name is taken.' },
      ]);
    }
    const now = new Date().toISOString();
    const usedBy = { people: 0, invitations: 0, serviceAccounts: 0, apiKeys: 0, grants: 0 };
    const role: api.OrgRole = {
      ...body,
      id: idOf('role', body.name),
      isBuiltIn: false,
      usedBy,
      createdAt: now,
      updatedAt: now,
    };
    world.roles.push(role);
    return answer(c, api.roleSchema, role);
  });
  app.patch('/v1/roles/:id', async (c) => {
    const change = api.updateRoleRequestSchema.parse(await c.req.json());
    const at = world.roles.findIndex(({ id }) => id === c.req.param('id'));
    const before = world.roles[at];
    if (!before) return problem(c, 404, 'role_not_found', 'Your org has no such role.');
    const role = {
      ...before,
      name: change.name ?? before.name,
      description: change.description ?? before.description,
      permissions: change.permissions ?? before.permissions,
    };
    world.roles[at] = role;
    return answer(c, api.roleSchema, role);
  });
  app.delete('/v1/roles/:id', (c) => {
    const at = world.roles.findIndex(({ id }) => id === c.req.param('id'));
    const role = world.roles[at];
    if (role && role.usedBy.people > 0) {
      return problem(c, 409, 'role_in_use', `The role ${role.name} is still held: 2 people.`);
    }
    if (at >= 0) world.roles.splice(at, 1);
    return c.body(null, 204);
  });
  addMaskedFields(app, () => world);
  addSchedules(app, () => world);
  addVariables(app, () => world);
  addAudit(app, () => world);

  app.get('/v1/alert-channels', (c) => {
    if (!world.me.permissions.includes('alerts:manage')) {
      return problem(c, 403, 'not_allowed', 'This needs the permission alerts:manage.');
    }
    const told = answer(c, api.alertChannelListSchema, page(c, world.alertChannels));
    // What was on its way has arrived at the next look.
    world.alertChannels.forEach((channel, at) => {
      if (channel.pending === 0) return;
      world.alertChannels[at] = { ...channel, pending: 0, lastError: null, lastDeliveredAt: new Date().toISOString() };
    });
    return told;
  });
  app.post('/v1/alert-channels', async (c) => {
    const body = api.createAlertChannelRequestSchema.parse(await c.req.json());
    const now = new Date().toISOString();
    const settings =
      body.kind === 'email' ? { to: body.to, connectionId: body.connectionId } : { host: new URL(body.url).host };
    const made: api.AlertChannel = {
      id: idOf('chan', body.name),
      name: body.name,
      kind: body.kind,
      settings,
      isOn: body.isOn,
      quietSeconds: body.quietSeconds,
      lastDeliveredAt: null,
      lastError: null,
      pending: 0,
      createdAt: now,
      updatedAt: now,
    };
    world.alertChannels.unshift(made);
    const secret = body.kind === 'webhook' ? (body.secret ?? `whsec_${'c2VjcmV0'.repeat(4)}`) : null;
    return answer(c, api.createdAlertChannelSchema, { ...made, secret });
  });
  const changeChannel = (c: Context, change: (known: api.AlertChannel) => Partial<api.AlertChannel>) => {
    const at = world.alertChannels.findIndex((each) => each.id === c.req.param('id'));
    const known = world.alertChannels[at];
    if (!known) return problem(c, 404, 'alert_channel_not_found', 'There is no such channel here.');
    const changed = { ...known, ...change(known) };
    world.alertChannels[at] = changed;
    return answer(c, api.alertChannelSchema, changed);
  };
  app.get('/v1/alert-channels/:id', (c) => changeChannel(c, () => ({})));
  app.patch('/v1/alert-channels/:id', async (c) => {
    const { isOn, name, quietSeconds, to } = api.updateAlertChannelRequestSchema.parse(await c.req.json());
    return changeChannel(c, (known) => ({
      isOn: isOn ?? known.isOn,
      name: name ?? known.name,
      quietSeconds: quietSeconds ?? known.quietSeconds,
      settings: to ? { ...known.settings, to } : known.settings,
    }));
  });
  app.post('/v1/alert-channels/:id/test', (c) => changeChannel(c, () => ({ pending: 1 })));
  app.delete('/v1/alert-channels/:id', (c) => {
    const at = world.alertChannels.findIndex((each) => each.id === c.req.param('id'));
    if (at >= 0) world.alertChannels.splice(at, 1);
    return c.body(null, 204);
  });

  return {
    app,
    get world() {
      return world;
    },
    setWorld: (next) => {
      world = next;
    },
    announce,
    setFault: (next) => {
      fault = next;
    },
    setStreams: (areOpen) => {
      streamsAreOpen = areOpen;
    },
  };
};
