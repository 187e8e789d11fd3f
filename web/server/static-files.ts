import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

interface StaticFile {
  readonly path: string;
  readonly bytes: number;
  readonly mediaType: string;
  readonly cacheControl: string;
}

export interface StaticFiles {
  /** Answers and returns true when the path names a built file; otherwise touches nothing and returns false. */
  serve(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<boolean>;
}

/**
 * Reads the list of built files once: a request can only name a file that was there at start, so no path of a request
 * ever reaches the file system. Files under `assets/` carry a hash of their content in their name and never change.
 */
export const openStaticFiles = async (folder: string): Promise<StaticFiles> => {
  const files = new Map<string, StaticFile>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const urlPath = `/${relative(folder, path).split(sep).join('/')}`;
    const mediaType = mediaTypes[extname(entry.name)];
    if (!mediaType || urlPath.startsWith('/.')) continue;
    files.set(urlPath, {
      path,
      bytes: (await stat(path)).size,
      mediaType,
      cacheControl: urlPath.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
    });
  }

  return {
    async serve(request, response, pathname) {
      const file = files.get(pathname);
      if (!file || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
      response.writeHead(200, {
        'Content-Type': file.mediaType,
        'Content-Length': file.bytes,
        'Cache-Control': file.cacheControl,
      });
      if (request.method === 'HEAD') response.end();
      else await pipeline(createReadStream(file.path), response);
      return true;
    },
  };
};
