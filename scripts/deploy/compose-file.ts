import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { projectFolder } from '../lib/folders.ts';

const serviceSchema = z.object({
  image: z.string(),
  build: z.object({ target: z.string() }).optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
});
export type ComposeService = z.infer<typeof serviceSchema>;

const composeSchema = z.object({ services: z.record(z.string(), serviceSchema) });

/** One service of docker-compose.yml, with its settings filled in as the container engine would. */
export const readService = (name: string, settings: Readonly<Record<string, string>> = {}): ComposeService => {
  const text = readFileSync(join(projectFolder, 'docker-compose.yml'), 'utf8');
  const service = composeSchema.parse(parse(text, { merge: true })).services[name];
  if (!service) throw new Error(`docker-compose.yml has no service ${name}.`);
  const environment = Object.entries(service.environment).map(
    ([key, value]) => [key, fillIn(value, settings)] as const,
  );
  return {
    ...service,
    command: service.command.map((word) => fillIn(word, settings)),
    environment: Object.fromEntries(environment),
  };
};

/** `${NAME:-default}` takes the default when the setting is missing or empty; `$$` is a dollar sign. */
export const fillIn = (text: string, settings: Readonly<Record<string, string>>): string =>
  text.replace(/\$\$|\$\{(\w+):-([^}]*)\}|\$\{?\w+\}?/g, (found, name?: string, fallback?: string) => {
    if (found === '$$') return '$';
    if (name === undefined) throw new Error(`${found} has no default; write \${NAME:-default}.`);
    return settings[name] || (fallback ?? '');
  });
