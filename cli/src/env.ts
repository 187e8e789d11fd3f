import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** Written by `npm start` into the data folder, readable by its owner only. */
const localAccessSchema = z.object({ apiUrl: z.url(), apiKey: z.string().min(1) });

export interface Access {
  readonly apiUrl: string;
  readonly apiKey: string;
}

/**
 * How to reach the api: EVERWAVE_API_URL and EVERWAVE_API_KEY, or what `npm start` left in the data folder.
 * Throws with a sentence when neither is there.
 */
export const readAccess = (environment: NodeJS.ProcessEnv, folder: string): Access => {
  const local = readLocalAccess(join(environment['EVERWAVE_DATA'] ?? join(folder, '.everwave'), 'cli.json'));
  const apiUrl = environment['EVERWAVE_API_URL'] ?? local?.apiUrl;
  const apiKey = environment['EVERWAVE_API_KEY'] ?? local?.apiKey;
  if (apiUrl && apiKey) return { apiUrl: apiUrl.replace(/\/+$/, ''), apiKey };
  throw new Error(
    'No api to talk to. Start the product with npm start, or set EVERWAVE_API_URL and EVERWAVE_API_KEY (make a key under Settings → API keys).',
  );
};

const readLocalAccess = (path: string): Access | null => {
  try {
    return localAccessSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
};
