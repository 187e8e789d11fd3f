import { readFileSync } from 'node:fs';

interface Example {
  /** A body that the operation takes. */
  readonly request?: unknown;
  /** The body of its success. */
  readonly response?: unknown;
}

/** By operation: what a small shop's installation was asked and answered. A test holds each against its schema. */
export const examples: Readonly<Record<string, Example>> = JSON.parse(
  readFileSync(new URL('examples.json', import.meta.url), 'utf8'),
) as Record<string, Example>;
