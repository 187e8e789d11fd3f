import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ApiEnv } from '../context.ts';
import { docsPage, docsPolicy, startScript } from './docs-page.ts';
import { findReferenceFile } from './reference-file.ts';

/** Everybody gets the compressed form: there is no browser in use that cannot read it. */
const scriptHeaders = { 'content-type': 'text/javascript; charset=utf-8' } as const;

/** `/docs`: the document as pages, whose every operation can be tried. It works without any other server. */
export const addDocumentation = (app: OpenAPIHono<ApiEnv>): void => {
  const file = findReferenceFile();
  const reference = `/docs/reference-${file.version}.js`;
  const start = '/docs/start.js';
  const page = docsPage({ reference, start });

  app.get('/docs', (c: Context<ApiEnv>) => {
    c.header('content-security-policy', docsPolicy);
    return c.html(page);
  });
  app.get(start, (c) => c.body(startScript, 200, scriptHeaders));
  app.get(reference, async (c) =>
    c.body(await file.compressed(), 200, {
      ...scriptHeaders,
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
    }),
  );
};
