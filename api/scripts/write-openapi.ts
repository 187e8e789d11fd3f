import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createApp } from '../src/app.ts';
import type { AppDependencies } from '../src/context.ts';
import { openApiDocument } from '../src/openapi/open-api-document.ts';
import { defaultLimits } from '../src/settings.ts';

// `pnpm --filter @everwave/api openapi`: writes api/openapi.json. The document needs no database and no Temporal.
const settings = {
  version: '',
  webUrl: 'http://127.0.0.1:3000',
  apiUrl: 'http://127.0.0.1:3001',
  temporalUiUrl: null,
  temporalNamespace: 'everwave',
  limits: defaultLimits,
};
const app = createApp({ settings } as unknown as AppDependencies);
const file = fileURLToPath(new URL('../openapi.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(openApiDocument(app), null, 2)}\n`);
