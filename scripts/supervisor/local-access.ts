import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Leaves in the data folder, readable by its owner only, what the CLI on this machine needs: where the api listens, and
 * the key made at the first start. Later starts keep the key and correct the address.
 */
export const keepLocalAccess = (dataFolder: string, apiUrl: string, newKey: string | null): void => {
  const file = join(dataFolder, 'cli.json');
  const apiKey = newKey ?? readKey(file);
  if (apiKey === null) return;
  // The mode counts for a new file only; one that others may read is closed before the key is written to it.
  if (existsSync(file)) chmodSync(file, 0o600);
  writeFileSync(file, `${JSON.stringify({ apiUrl, apiKey })}\n`, { mode: 0o600 });
};

const readKey = (file: string): string | null => {
  try {
    const { apiKey } = JSON.parse(readFileSync(file, 'utf8')) as { apiKey?: unknown };
    return typeof apiKey === 'string' ? apiKey : null;
  } catch {
    return null;
  }
};
