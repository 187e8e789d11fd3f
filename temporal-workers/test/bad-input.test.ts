import { startHttpFake, startMailFake, startSlackFake } from '@everwave/activities/fakes';
import { type Connection, createActivities } from '@everwave/activities/worker';
import type { Json } from '@everwave/schema/flow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../activities/src/testing/memory-ports.ts';
import { anAction, aPlan, type PlanDraft } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createHarness, type Harness, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';

type Step = PlanDraft['steps'][string];

let harness: Harness;
let close: () => Promise<void>;
/** What differs from one test run to the next, so that answers can be compared word for word. */
const places = { http: 0, smtp: 0, slack: 0, nobody: 0 };

beforeAll(async () => {
  const [http, slack, gone] = [await startHttpFake(), await startSlackFake(), await startHttpFake()];
  await gone.close();
  const mail = await startMailFake({ account: { user: 'shop', password: 'the-right-password' } });
  Object.assign(places, { http: http.port, smtp: mail.smtpPort, slack: slack.port, nobody: gone.port });
  const ports = createMemoryPorts(Object.values(places).map((port) => `127.0.0.1:${port}`));
  harness = await createHarness({ activities: createActivities(ports) });
  const connect = (connection: Omit<Connection, 'name'>) =>
    ports.connectionRows.set(`${harness.orgId}/${connection.id}`, { ...connection, name: connection.id });
  const smtp = { host: '127.0.0.1', security: 'none', from: 'shop@everwave.example', username: 'shop' };
  const password = { password: 'a-wrong-password' };
  connect({ id: 'mail', kind: 'email.smtp', settings: { ...smtp, port: mail.smtpPort }, secret: password });
  connect({ id: 'no-mail', kind: 'email.smtp', settings: { ...smtp, port: places.nobody }, secret: password });
  connect({
    id: 'slack',
    kind: 'slack.bot',
    settings: { baseUrl: `${slack.url}/api` },
    secret: { botToken: 'xoxb-no' },
  });
  connect({
    id: 'api',
    kind: 'http.authentication',
    settings: { baseUrl: http.url },
    secret: { value: 'a-wrong-key' },
  });
  close = async () => {
    await harness.close();
    await Promise.all([http.close(), slack.close(), mail.close()]);
  };
});
afterAll(() => close());

const act = (activity: string, connectionId: string | null, input: Json) =>
  anAction({ activity, connectionId, input, idempotency: 'nobody', options: retrying(1) });
const get = (url: string, connectionId: string | null = null) => act('http.request@1', connectionId, { url });
const mail = { to: 'ada@example.com', subject: 'Order', text: 'Thank you.' };
const status = (code: number) => get(`http://127.0.0.1:{{ trigger.http }}/status/${code}`);
const set = (template: string): Step => ({ type: 'setVariables', variables: { x: template } });
const endless = '{{ ($f := function($x) { $f($x + 1) }; $f(1)) }}';

const withPlaces = (message: string): string =>
  Object.entries(places).reduce((text, [place, port]) => text.replaceAll(`:${port}`, `:<${place}>`), message);

describe('what a run is told when a step cannot do its work', () => {
  it.each<[what: string, step: Step, name: string, message: string]>([
    [
      'a value that is not there',
      set('{{ trigger.nowhere }}'),
      'expression_failed',
      'variables.x: at character 3: "trigger.nowhere" gives no value here. Check the spelling, or give a value for this case: $exists(…) ? … : "".',
    ],
    [
      'an expression that fails',
      set('{{ "a" + 1 }}'),
      'expression_failed',
      'variables.x: at character 9: The left side of the "+" operator must evaluate to a number',
    ],
    [
      'an endless expression',
      set(endless),
      'expression_failed',
      'variables.x: at character 43: The expression takes too many steps: look for an endless recursion, or do this work in a step of its own.',
    ],
    [
      'an endless expression in an input',
      get(endless),
      'expression_failed',
      'url: at character 43: The expression takes too many steps: look for an endless recursion, or do this work in a step of its own.',
    ],
    [
      '401 from HTTP',
      status(401),
      'unauthorized',
      'GET http://127.0.0.1:<http>/status/401 answered 401: This is status 401.',
    ],
    [
      '404 from HTTP',
      status(404),
      'not_found',
      'GET http://127.0.0.1:<http>/status/404 answered 404: This is status 404.',
    ],
    [
      '500 from HTTP',
      status(500),
      'server_error',
      'GET http://127.0.0.1:<http>/status/500 answered 500: This is status 500.',
    ],
    [
      'nobody at the address',
      get('http://127.0.0.1:{{ trigger.nobody }}/'),
      'unreachable',
      'No connection to 127.0.0.1:<nobody> (ECONNREFUSED).',
    ],
    [
      'a private address',
      get('http://169.254.169.254/latest/meta-data/'),
      'address_refused',
      '169.254.169.254:80 is not a public address, and no entry allows it.',
    ],
    [
      'a wrong key',
      get('http://127.0.0.1:{{ trigger.http }}/me', 'api'),
      'unauthorized',
      'GET http://127.0.0.1:<http>/me answered 401: The token is not valid.',
    ],
    [
      'a wrong bot token',
      act('slack.postMessage@1', 'slack', { channel: 'C0000ORDERS', text: 'x' }),
      'credential_refused',
      'Slack refused the message: invalid_auth.',
    ],
    [
      'a wrong mail password',
      act('email.send@1', 'mail', mail),
      'authentication_failed',
      '127.0.0.1:<smtp> said: Invalid login: 535 Not accepted here',
    ],
    [
      'an unreachable mail server',
      act('email.send@1', 'no-mail', mail),
      'smtp_unreachable',
      '127.0.0.1:<nobody>: connect ECONNREFUSED 127.0.0.1:<nobody>',
    ],
    [
      'a connection that is gone',
      act('email.send@1', 'gone', mail),
      'connection_not_found',
      'The connection gone does not exist.',
    ],
  ])('%s', async (_what, step, name, message) => {
    const plan = aPlan({ steps: { step }, edges: ['start -> step'] });
    const run = await harness.start(plan, { trigger: places });
    await untilStatus(run, 'needs_attention');
    const { steps } = await run.projection();
    const failure = steps.find(({ path }) => path === 'step')?.failure;
    await run.handle.terminate();
    expect([failure?.name, withPlaces(failure?.message ?? '')]).toEqual([name, message]);
  });

  it('429 from HTTP: it waits as long as it was asked to, and spends no attempt', async () => {
    const step = get('http://127.0.0.1:{{ trigger.http }}/status/429?retryAfter=600');
    const run = await harness.start(aPlan({ steps: { step }, edges: ['start -> step'] }), { trigger: places });
    await untilStatus(run, 'waiting');
    const { steps } = await run.projection();
    await run.handle.terminate();
    const waiting = steps.find(({ path }) => path === 'step');
    expect(waiting).toMatchObject({ status: 'waiting', failure: null });
    const wait = (waiting?.dueAt?.getTime() ?? 0) - Date.now();
    expect(wait).toBeGreaterThan(590_000);
    expect(wait).toBeLessThanOrEqual(600_000);
  });
});
