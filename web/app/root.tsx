import interLatin from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';
import type { ReactNode } from 'react';
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from 'react-router';
import './app.css';
import type { Route } from './+types/root.ts';
import { requireSession } from './account/require-session.server.ts';
import { ErrorPage } from './components/data/error-page.tsx';
import { earlyClicksScript, useEarlyClicks } from './hydration/early-clicks.ts';
import { RenderedAt } from './time/use-now.ts';
import { themeChoiceSchema } from './theme/theme.ts';
import { readTheme } from './theme/theme.server.ts';

export const links: Route.LinksFunction = () => [
  { rel: 'icon', href: '/favicon.svg', type: 'image/svg+xml' },
  { rel: 'preload', href: interLatin, as: 'font', type: 'font/woff2', crossOrigin: 'anonymous' },
];

export const meta: Route.MetaFunction = () => [{ title: 'Everwave' }];

export const middleware: Route.MiddlewareFunction[] = [requireSession];

export const loader = async ({ request }: Route.LoaderArgs) => ({ theme: await readTheme(request), now: Date.now() });

export const Layout = ({ children }: { children: ReactNode }) => {
  const data = useRouteLoaderData<typeof loader>('root');
  useEarlyClicks();
  const theme = themeChoiceSchema.catch('system').parse(data?.theme);
  return (
    <html lang="en" data-theme={theme}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <Meta />
        <Links />
        <script src={earlyClicksScript} />
      </head>
      <body>
        <RenderedAt value={data?.now ?? 0}>{children}</RenderedAt>
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  );
};

export default function Root() {
  return <Outlet />;
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorPage error={error} />;
