import { createHash } from 'node:crypto';
import * as api from '@everwave/schema/api';
import type { Hono } from 'hono';
import { answer, page, problem } from './answers.ts';
import { idOf } from './ids.ts';
import { flows } from './stories.ts';
import type { World } from './world.ts';

type Told = Pick<api.AuditEvent, 'action'> & Partial<api.AuditEvent> & { readonly minutes: number };

const mara = { kind: 'user', id: 'usr_mara', name: 'Mara Lindqvist' };
const flowOf = (name: string) => ({ kind: 'flow', id: idOf('flow', name), name });

const told: readonly Told[] = [
  { minutes: 4, action: 'flow.published', target: flowOf(flows.refund.name), details: { version: 4 } },
  {
    minutes: 9,
    action: 'connection.updated',
    target: { kind: 'connection', id: idOf('conn', 'Stripe'), name: 'Stripe' },
    details: { secretReplaced: true },
    changes: {
      'settings.baseUrl': { before: 'https://api.stripe.example', after: 'https://eu.api.stripe.example' },
      token: { isHidden: true },
    },
  },
  {
    minutes: 31,
    action: 'sign_in.failed',
    actor: { kind: 'anonymous', id: 'anonymous', name: 'Somebody' },
    target: { kind: 'user', id: mara.id, name: mara.name },
    address: '203.0.113.9',
  },
  {
    minutes: 64,
    action: 'flow.updated',
    target: flowOf(flows.refund.name),
    changes: {
      tags: { before: ['shop'], after: ['shop', 'money'] },
      description: { before: null, after: 'Above 100 €' },
    },
  },
  {
    minutes: 190,
    action: 'access.refused',
    actor: { kind: 'apiKey', id: 'key_ci', name: 'Build server' },
    target: { kind: 'operation', id: 'POST /v1/flows/{flowId}/publish', name: null },
    details: { permission: 'flows:publish' },
  },
  { minutes: 3_000, action: 'org.owner_set', target: { kind: 'user', id: mara.id, name: mara.name } },
];

/** A short log, the newest first, with hashes that follow on each other. */
export const auditOf = (now: number): api.AuditEvent[] => {
  let previousHash = '';
  const entries = told.toReversed().map(({ minutes, ...entry }, index): api.AuditEvent => {
    const hash = createHash('sha256').update(`${previousHash}${entry.action}`).digest('hex');
    const event = {
      number: index + 1,
      at: new Date(now - minutes * 60_000).toISOString(),
      actor: mara,
      target: { kind: 'org', id: 'org_1', name: null },
      details: {},
      changes: null,
      requestId: `req-${index + 1}`,
      address: '192.0.2.17',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
      ...entry,
      previousHash,
      hash,
    };
    previousHash = hash;
    return event;
  });
  return entries.toReversed();
};

const overviewOf = (audit: readonly api.AuditEvent[]): api.SecurityOverview => {
  const day = 24 * 60 * 60 * 1_000;
  const today = Math.floor(Date.now() / day);
  return {
    days: Array.from({ length: 30 }, (_, index) => {
      const name = new Date((today - 29 + index) * day).toISOString().slice(0, 10);
      const count = (action: string) =>
        audit.filter((entry) => entry.action === action && entry.at.startsWith(name)).length;
      return { day: name, failedSignIns: count('sign_in.failed') + (index % 7), refusals: count('access.refused') };
    }),
  };
};

export const addAudit = (app: Hono, world: () => World): void => {
  app.get('/v1/audit', (c) => {
    if (!world().me.permissions.includes('audit:read')) {
      return problem(c, 403, 'not_allowed', 'This needs the permission audit:read.');
    }
    const { actor, action, target } = c.req.query();
    const fits = world().audit.filter(
      (entry) =>
        (!target || entry.target.id === target) &&
        (!actor || entry.actor.name.toLowerCase().includes(actor.toLowerCase())) &&
        (!action || entry.action === action || entry.action.startsWith(`${action}.`)),
    );
    return answer(c, api.auditListSchema, page(c, fits));
  });
  app.get('/v1/audit/overview', (c) => answer(c, api.securityOverviewSchema, overviewOf(world().audit)));
  app.get('/v1/audit/verify', (c) => {
    const last = world().audit[0];
    const head = last ? { number: last.number, hash: last.hash } : null;
    const whole = { isWhole: true, entries: world().audit.length, head, broken: null };
    return answer(c, api.auditVerificationSchema, whole);
  });
  app.get('/v1/audit/export', (c) =>
    c.body(
      world()
        .audit.toReversed()
        .map((entry) => `${JSON.stringify(entry)}\n`)
        .join(''),
      200,
      { 'content-type': 'application/x-ndjson', 'content-disposition': 'attachment; filename="audit.jsonl"' },
    ),
  );
};
