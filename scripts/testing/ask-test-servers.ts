import { inject } from 'vitest';
import type { Answers } from './protocol.ts';

/** Starts the server if this run of Vitest has not done so yet, and says where it is. */
export const askTestServers = async <Name extends keyof Answers>(name: Name): Promise<Answers[Name]> => {
  const response = await fetch(`${inject('testServers')}/${name}`);
  const body = (await response.json()) as Answers[Name] & { error?: string };
  if (!response.ok) throw new Error(`The ${name} server for the tests did not start: ${body.error}`);
  return body;
};
