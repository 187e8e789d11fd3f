import type { Page } from 'playwright-core';
import { idOf } from '../tests/fake-api/ids.ts';
import { notable } from '../tests/fake-api/stories.ts';

/** One picture: a page in one of its states. */
export interface Shot {
  readonly name: string;
  readonly path: string;
  readonly world?: 'lived-in' | 'empty';
  readonly signedIn?: false;
  readonly fault?: { readonly status: 403 | 500 | 503; readonly code: string };
  /** Brings the page into its state. */
  readonly act?: (page: Page) => Promise<unknown>;
  readonly settle?: number;
  readonly fullPage?: boolean;
}

const run = (which: keyof typeof notable): string => `/runs/${idOf('run', notable[which].name)}`;
const flow = (name: string): string => `/workflows/${idOf('flow', name)}`;
const notInChannel = `/attention/${idOf('dead', 'not_in_channel').slice(5).repeat(2)}`;
const press = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();

export const shots: readonly Shot[] = [
  { name: 'sign-in', path: '/sign-in', signedIn: false },
  {
    name: 'sign-in-refused',
    path: '/sign-in',
    signedIn: false,
    act: async (page) => {
      await page.getByLabel('E-mail').fill('mara@hartwell.coffee');
      await page.getByLabel('Password').fill('short');
      await page.getByRole('button', { name: 'Sign in' }).click();
    },
  },
  { name: 'sign-up-closed', path: '/sign-up', signedIn: false },
  { name: 'setup', path: '/setup?token=good-token', signedIn: false, world: 'empty' },
  { name: 'home', path: '/' },
  { name: 'home-first', path: '/', world: 'empty' },
  { name: 'flows', path: '/workflows' },
  { name: 'flows-none', path: '/workflows?q=invoices' },
  { name: 'flows-run-now', path: '/workflows', act: press('Run New order now'), fullPage: false },
  { name: 'flow', path: flow('New order') },
  { name: 'flow-step', path: `${flow('New order')}?node=thank` },
  { name: 'builder', path: `${flow('New order')}/edit`, fullPage: false, settle: 900 },
  {
    name: 'builder-step',
    path: `${flow('New order')}/edit`,
    fullPage: false,
    settle: 900,
    act: (page) => page.locator('.flow-card', { hasText: 'Gold customer' }).click(),
  },
  {
    name: 'builder-publish',
    path: `${flow('Refund request')}/edit`,
    fullPage: false,
    settle: 900,
    act: press('Publish'),
  },
  { name: 'flow-draft', path: `${flow('Refund request')}?drawing=draft` },
  { name: 'runs', path: '/runs' },
  { name: 'runs-attention', path: '/runs?view=attention' },
  { name: 'runs-none', path: '/runs?q=does-not-exist' },
  { name: 'run-succeeded', path: run('succeeded') },
  { name: 'run-trigger', path: `${run('succeeded')}?step=order` },
  { name: 'run-running', path: run('running') },
  { name: 'run-parked', path: run('parked') },
  { name: 'run-unsure', path: run('unsure') },
  { name: 'run-waiting', path: run('waiting') },
  { name: 'run-failed', path: run('failed') },
  { name: 'run-priced', path: `${run('priced')}?step=draft` },
  { name: 'run-retry', path: run('unsure'), act: press('Retry'), fullPage: false },
  { name: 'run-edit-input', path: run('parked'), act: press('Edit input'), fullPage: false },
  { name: 'run-cancel', path: run('running'), act: press('Cancel run'), fullPage: false },
  { name: 'run-fork', path: run('parked'), act: press('Start again from here'), settle: 1_000, fullPage: false },
  { name: 'run-migrate', path: run('parked'), act: press('Change version'), settle: 1_000, fullPage: false },
  { name: 'attention', path: '/attention' },
  { name: 'attention-none', path: '/attention', world: 'empty' },
  { name: 'attention-dismissed', path: '/attention?state=dismissed' },
  { name: 'attention-group', path: notInChannel },
  { name: 'attention-repair', path: notInChannel, act: press('Retry it'), fullPage: false },
  { name: 'attention-dismiss', path: notInChannel, act: press('Dismiss'), fullPage: false },
  {
    name: 'attention-letter',
    path: `/attention/letters/${idOf('dead', `${idOf('run', notable.parked.name)} announce`)}`,
  },
  { name: 'approvals', path: '/approvals' },
  { name: 'approvals-all', path: '/approvals?state=all' },
  { name: 'approvals-none', path: '/approvals', world: 'empty' },
  { name: 'approval', path: `/approvals/${idOf('apr', 'Refund 48.00 € to Lena Vogt?')}` },
  { name: 'approval-others', path: `/approvals/${idOf('apr', 'Close the books of October?')}` },
  { name: 'inbox', path: '/inbox' },
  { name: 'inbox-event', path: `/inbox?open=${idOf('dlv', notable.succeeded.name)}`, fullPage: false },
  { name: 'insights', path: '/insights?days=1' },
  { name: 'insights-month', path: '/insights?days=30' },
  { name: 'insights-none', path: '/insights', world: 'empty' },
  { name: 'connections', path: '/connections' },
  { name: 'connections-none', path: '/connections', world: 'empty' },
  { name: 'connection-new', path: '/connections', act: press('New connection'), fullPage: false },
  { name: 'connection-edit', path: '/connections', act: press('Edit Hartwell mail'), fullPage: false },
  { name: 'settings', path: '/settings' },
  { name: 'alerts', path: '/settings/alerts' },
  { name: 'alerts-new', path: '/settings/alerts?new=email' },
  { name: 'alerts-none', path: '/settings/alerts', world: 'empty' },
  { name: 'variables', path: '/settings/variables' },
  { name: 'variables-new', path: '/settings/variables?new=json' },
  { name: 'variables-secret', path: '/settings/variables?edit=SUPPLIER_KEY' },
  { name: 'variables-delete', path: '/settings/variables?delete=SHIPPING_PRICES' },
  { name: 'variables-read', path: '/settings/variables?delete=ROASTERY_EMAIL' },
  { name: 'variables-none', path: '/settings/variables', world: 'empty' },
  { name: 'limits', path: '/settings/limits' },
  { name: 'limits-none', path: '/settings/limits', world: 'empty' },
  { name: 'limits-flow', path: `/workflows/${idOf('flow', 'New order')}/limits` },
  { name: 'limits-connection', path: `/connections/${idOf('conn', 'slack')}/limits` },
  { name: 'error', path: '/runs', fault: { status: 503, code: 'database_unavailable' } },
  { name: 'no-permission', path: '/connections', fault: { status: 403, code: 'not_allowed' } },
  { name: 'not-found', path: '/nowhere' },
];
