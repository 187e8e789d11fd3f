import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ApiEnv } from '../context.ts';
import { docsPage, docsPolicy, startScript } from './docs-page.ts';
import { findReferenceFile, referencePaths } from './reference-file.ts';

/** Everybody gets the compressed form: there is no browser in use that cannot read it. */
const scriptHeaders = { 'content-type': 'text/javascript; charset=utf-8' } as const;

/** `/docs`: the document as pages, whose every operation can be tried. It works without any other server. */
export const addDocumentation = (app: OpenAPIHono<ApiEnv>): void => {
  const file = findReferenceFile();
  const { page, start, library } = referencePaths();
  const content = docsPage({ reference: library, start });

  app.get(page, (c: Context<ApiEnv>) => {
    c.header('content-security-policy', docsPolicy);
    return c.html(content);
  });
  app.get(start, (c) => c.body(startScript, 200, scriptHeaders));
  app.get(library, async (c) =>
    c.body(await file.compressed(), 200, {
      ...scriptHeaders,
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
    }),
  );
};
