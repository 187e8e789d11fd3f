import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditAction, auditActions } from '@everwave/schema/api';
import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routeTable } from '../../app.ts';
import { operations } from '../../routes/operations.ts';
import { makeOneOfEverything } from '../../testing/one-of-everything.ts';
import { preparations, type Scene } from '../../testing/prepare-change.ts';
import { type MatrixRoute, matrixRoutes } from '../../testing/security-matrix/routes.ts';
import { createTestApi, type TestApi } from '../../testing/test-api.ts';

/** Ways in that are no GET and leave no entry, each with why. */
const exceptions: Readonly<Record<string, string>> = {
  validateFlow: 'It changes nothing.',
  previewFork: 'It changes nothing.',
  previewMigration: 'It changes nothing.',
  previewGroupRepair: 'It changes nothing.',
  openInvitation: 'It changes nothing.',
  encodePayloads: 'It changes nothing: it is refused always.',
  switchOrg: 'It says where the session works; nothing of the organisation changes.',
  requestPasswordReset: 'It mails a link, and leaves the same for an address that nobody has. Its use is an entry.',
  sendVerification: 'It mails a link. Its use is an entry.',
  beginSecondFactor: 'It counts for nothing until a first code confirms it, which is an entry.',
  renewTokens: 'It goes on with what the sign-in of a program began. A token that comes twice is an entry.',
  sendEvents: 'Each event is a row of its own, which says who sent it with which request, and there may be very many.',
  'ALL /hooks/:token': 'Each delivery is a row of its own, and there may be very many.',
};

/** What takes a run in the midst of its work, or a value of one: the tests beside it look for the entry. */
const shownBy: Readonly<Record<string, { readonly action: AuditAction; readonly file: string }>> = {
  forkRun: { action: 'run.forked', file: 'routes/runs/fork.test.ts' },
  repairRun: { action: 'run.repair_requested', file: 'routes/runs/runs.test.ts' },
  decodePayloads: { action: 'payloads.decoded', file: 'services/codec/decode-for-caller.test.ts' },
};

let api: TestApi;
let scenes = 0;
beforeAll(async () => {
  const limits = { callsPerMinute: 1e6, anonymousPerMinute: 1e6, signInsPerMinute: 1e6 };
  api = await createTestApi({ isSignUpOpen: true, limits });
});
afterAll(() => api.close());

const nameOf = ({ method, path, name }: Pick<MatrixRoute, 'method' | 'path' | 'name'>): string =>
  operations.find(({ route }) => route.method === method.toLowerCase() && route.getRoutingPath() === path)?.route
    .operationId ?? name;

const changing = routeTable.entries
  .filter(({ method }) => method !== 'GET')
  .map((entry) => nameOf({ ...entry, name: `${entry.method} ${entry.path}` }));

const sceneFor = async (route: MatrixRoute): Promise<Scene> => {
  const org = await api.createOrg();
  const ids = route.parameters.length > 0 ? await makeOneOfEverything(api, org, `one-of-${(scenes += 1)}`) : {};
  return { api, org, ids, owner: await org.signIn('owner') };
};

/** The actions that stand in the log for one request. */
const entriesOf = async (requestId: string): Promise<readonly string[]> => {
  const { auditEvents } = tables;
  const rows = await withSystem(api.db, (tx) =>
    tx.select({ action: auditEvents.action }).from(auditEvents).where(eq(auditEvents.requestId, requestId)),
  );
  return rows.map(({ action }) => action);
};

const succeed = async (route: MatrixRoute) => {
  const scene = await sceneFor(route);
  const { call = scene.owner.call, body = route.body, parameters } = await (preparations[nameOf(route)]?.(scene) ?? {});
  const ids = { ...scene.ids, ...parameters };
  const path = route.path.replaceAll(/:(\w+)(\{[^}]*\})?/g, (_all, name: string) =>
    encodeURIComponent(ids[name] ?? ''),
  );
  const answer = await call(`${route.method} ${path}`, body);
  return { answer, entries: await entriesOf(answer.headers.get('x-request-id') ?? '') };
};

describe('whatever changes something leaves an entry of its request', () => {
  const shown = changing.filter((name) => !(name in exceptions) && !(name in shownBy));

  it.each(shown)('%s', async (name) => {
    const route = matrixRoutes(api.app, routeTable).find((each) => nameOf(each) === name);
    if (!route) throw new Error(`There is no route ${name}.`);
    const { answer, entries } = await succeed(route);
    expect(answer.status, answer.text).toBeLessThan(300);
    expect(entries, 'the actions in the audit log').not.toEqual([]);
    for (const action of entries) expect(auditActions).toHaveProperty([action]);
  });

  it.each(Object.entries(shownBy))('%s, as the tests beside it show', (_name, { action, file }) => {
    const path = join(import.meta.dirname, '../..', file);
    expect(existsSync(path) && readFileSync(path, 'utf8').includes(`'${action}'`)).toBe(true);
  });

  it('or says why not, as long as it is there', () => {
    const listed = [...Object.keys(exceptions), ...Object.keys(shownBy), ...Object.keys(preparations)];
    expect(listed.filter((name) => !changing.includes(name))).toEqual([]);
    expect(Object.keys(exceptions).filter((name) => name in shownBy || name in preparations)).toEqual([]);
  });

  it('and what leaves none would be found', async () => {
    const route = matrixRoutes(api.app, routeTable).find((each) => nameOf(each) === 'validateFlow');
    if (!route) throw new Error('There is no route validateFlow.');
    const { answer, entries } = await succeed(route);
    expect([answer.status, entries]).toEqual([200, []]);
  });
});
