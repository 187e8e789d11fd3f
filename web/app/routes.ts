import { index, layout, route, type RouteConfig } from '@react-router/dev/routes';

/** Every URL of the product, on one screen. */
export default [
  layout('shell/route.tsx', [
    index('home/route.tsx'),
    route('workflows', 'flows/list/route.tsx'),
    route('workflows/:flowId', 'flows/detail/route.tsx'),
    route('runs', 'runs/list/route.tsx'),
    route('runs/:runId', 'runs/detail/route.tsx'),
    route('runs/:runId/rerun', 'runs/rerun/route.ts'),
    route('runs/:runId/approvals/:path', 'approvals/of-step/route.ts'),
    route('runs/:runId/fork', 'runs/fork/route.ts'),
    route('runs/:runId/migrate', 'runs/migrate/route.ts'),
    route('runs/:runId/value', 'runs/value/route.ts'),
    route('attention', 'attention/route.tsx'),
    route('attention/letters/:deadLetterId', 'attention/letter/route.tsx'),
    route('attention/:fingerprint', 'attention/group/route.tsx'),
    route('approvals', 'approvals/list/route.tsx'),
    route('approvals/link/:token', 'approvals/link/route.ts'),
    route('approvals/:approvalId', 'approvals/detail/route.tsx'),
    route('inbox', 'inbox/route.tsx'),
    route('insights', 'insights/route.tsx'),
    route('connections', 'connections/route.tsx'),
    route('settings', 'settings/route.tsx'),
    route('settings/alerts', 'settings/alerts/route.tsx'),
  ]),
  route('setup', 'account/setup/route.tsx'),
  route('sign-in', 'account/sign-in/route.tsx'),
  route('sign-out', 'account/sign-out/route.tsx'),
  route('preferences', 'theme/preferences/route.tsx'),
  route('*', 'not-found/route.tsx'),
] satisfies RouteConfig;
