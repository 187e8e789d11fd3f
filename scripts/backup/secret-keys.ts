import { existsSync, readFileSync } from 'node:fs';
import { secretKeyVariables, toMasterKeySettings } from '@everwave/temporal/env';
import { loadMasterKeys, type MasterKeys, parseMasterKey } from '@everwave/temporal/encryption';
import * as z from 'zod';
import { Refusal } from '../lib/refusal.ts';
import type { Settings } from '../supervisor/env.ts';
import { filesOf } from './installation.ts';

/** Master keys as text, the current one first. */
export type KeyTexts = readonly string[];

/** The keys this machine is set up with: the environment's, or the data folder's. Empty when there are none. */
export const readKeyTexts = ({ variables, dataFolder }: Settings): KeyTexts => {
  const settings = toMasterKeySettings(z.object(secretKeyVariables).parse(variables));
  const file = settings.secretKeyFile ?? filesOf(dataFolder).secretKey;
  const current = settings.secretKey ?? readFile(file);
  if (current === null) return [];
  return [current, ...(settings.previous ?? [])].map((text) => text.trim()).filter((text) => text !== '');
};

const readFile = (file: string): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null);

export const idsOf = (keys: KeyTexts): string[] =>
  keys.map((text) => {
    try {
      return parseMasterKey(text, 'The master key').id;
    } catch (error) {
      throw new Refusal((error as Error).message, { cause: error });
    }
  });

export const toMasterKeys = ([current, ...previous]: KeyTexts): MasterKeys =>
  loadMasterKeys({ secretKey: current, previous });

/** The keys among these that a database's data keys are wrapped with, and the current one. Throws when one is missing. */
export const neededKeys = (keys: KeyTexts, wanted: readonly string[]): KeyTexts => {
  const ids = idsOf(keys);
  const missing = wanted.filter((id) => !ids.includes(id));
  if (missing.length > 0) {
    throw new Refusal(
      `The database is encrypted with the master key ${missing.join(', ')}, and this machine has ${ids.length > 0 ? ids.join(', ') : 'none'}. Set EVERWAVE_SECRET_KEY or EVERWAVE_SECRET_KEY_FILE to that key: without it a backup can never be read.`,
    );
  }
  return keys.filter((_, index) => index === 0 || wanted.includes(ids[index] ?? ''));
};
