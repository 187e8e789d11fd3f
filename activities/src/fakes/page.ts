import type { Context } from 'hono';
import { html } from 'hono/html';
import type { FakeEnvironment } from './serve-fake.ts';

/** Everything but the one style sheet in the page is refused: what a message holds can never act. */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const style = `
  :root { color-scheme: light dark; --page: #fbf5ea; --surface: #fffdf8; --ink: #241a17; --ink-2: #6a5b55; --line: #e6daca; --accent: #6b1426 }
  @media (prefers-color-scheme: dark) { :root { --page: #17110f; --surface: #201816; --ink: #f4ece4; --ink-2: #b5a59d; --line: #3a2d29; --accent: #d9a3ae } }
  body { margin: 0; padding: 32px 20px; background: var(--page); color: var(--ink); font: 14px/1.5 Inter, system-ui, sans-serif }
  main { max-width: 760px; margin: 0 auto }
  h1 { font-size: 20px; margin: 0 0 4px } p.hint { color: var(--ink-2); margin: 0 0 24px }
  article { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 16px 20px; margin-bottom: 12px }
  h2 { font-size: 16px; margin: 0 0 4px; color: var(--accent) }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 12px; margin: 0 0 12px; color: var(--ink-2) } dd { margin: 0 }
  pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 "JetBrains Mono", ui-monospace, monospace }
`;

export interface PageEntry {
  readonly title: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly text: string;
}

/** A list of what a fake received, newest first. Escapes every value; refreshes itself. */
export const renderPage = (
  context: Context<FakeEnvironment>,
  page: { readonly title: string; readonly hint: string; readonly entries: readonly PageEntry[] },
) => {
  context.header('content-security-policy', contentSecurityPolicy);
  context.header('x-content-type-options', 'nosniff');
  context.header('referrer-policy', 'no-referrer');
  return context.html(html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta http-equiv="refresh" content="5" />
        <title>${page.title}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <main>
          <h1>${page.title}</h1>
          <p class="hint">${page.hint}</p>
          ${page.entries.map(
            ({ title, facts, text }) => html`<article>
              <h2>${title}</h2>
              <dl>
                ${facts.map(
                  ([name, value]) => html`<dt>${name}</dt>
                    <dd>${value}</dd>`,
                )}
              </dl>
              <pre>${text}</pre>
            </article>`,
          )}
        </main>
      </body>
    </html>`);
};
