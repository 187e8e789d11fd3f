import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { toolsFolder } from '../lib/folders.ts';

/** EVERWAVE_TEMPORAL, `temporal` on PATH, or the one that `npm start` or `npm test` put into the tools folder. */
export const findTemporalBinary = (): string => {
  const fromSetting = process.env['EVERWAVE_TEMPORAL'];
  if (fromSetting) return resolve(fromSetting);
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(toolsFolder(), 'temporal')];
  const found = folders
    .filter(Boolean)
    .map((folder) => join(folder, 'temporal'))
    .find(isExecutable);
  if (!found) {
    throw new Error(
      'These tests need the Temporal server. Run npm test once, which installs it, or put temporal on PATH.',
    );
  }
  return found;
};

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
