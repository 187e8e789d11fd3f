import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseModelRegistry, type ModelRegistry } from './model-registry.ts';

const ownFile = fileURLToPath(new URL('models.yaml', import.meta.url));

/**
 * Reads the models file: the given one, or ours. Throws an `Error` that names the file and what is wrong with it.
 */
export const loadModelRegistry = (file: string | null = null): ModelRegistry => {
  const path = file ?? ownFile;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Error(`The models file ${path} cannot be read (${code}). Correct EVERWAVE_MODELS_FILE, or unset it.`, {
      cause: error,
    });
  }
  return parseModelRegistry(text, path);
};
