import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/**
 * A file of SHA-1 hashes of passwords that are known from breaches, one `HASH:COUNT` a line in ascending order, as the
 * downloader of Have I Been Pwned writes it. Searched where it lies: nothing is loaded, nothing leaves the machine.
 */
export interface BreachedPasswords {
  has(password: string): Promise<boolean>;
}

const hashLength = 40;
/** Longer than any line. */
const window = 256;
/** Lines that are looked at when the api starts. */
const samples = 64;

export const openBreachedPasswords = (file: string): BreachedPasswords => ({
  has: async (password) => {
    const wanted = createHash('sha1').update(password).digest('hex').toUpperCase();
    const handle = await open(file, 'r');
    try {
      /** The hash of the first line that begins at or after `offset`, with where it begins; null after the last. */
      const lineAfter = async (offset: number): Promise<{ readonly hash: string; readonly at: number } | null> => {
        const start = Math.max(0, offset - 1);
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(window), 0, window, start);
        const text = buffer.toString('latin1', 0, bytesRead);
        const begin = offset === 0 ? 0 : text.indexOf('\n') + 1;
        if (offset > 0 && begin === 0) return null;
        const hash = text.slice(begin, begin + hashLength);
        return hash.length < hashLength ? null : { hash: hash.toUpperCase(), at: start + begin };
      };
      let [low, high] = [0, (await handle.stat()).size];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const line = await lineAfter(middle);
        if (line?.hash === wanted) return true;
        if (line === null || line.hash > wanted) high = middle;
        else low = line.at + hashLength;
      }
      return false;
    } finally {
      await handle.close();
    }
  },
});

const line = /^[0-9A-F]{40}(:\d+)?\r?(\n|$)/i;

/** Throws, in words for whoever set it, when this is no such file: a check that silently finds nothing is none. */
export const checkBreachedPasswordsFile = async (file: string): Promise<void> => {
  const wrong = (why: string, cause?: unknown) =>
    new Error(
      `The api cannot start: EVERWAVE_BREACHED_PASSWORDS_FILE names ${file}, ${why}. ` +
        'Name a file with one SHA-1 hash a line, HASH:COUNT in ascending order, or leave the setting out.',
      { cause },
    );
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    throw wrong(`which cannot be opened (${error.code ?? error.message})`, error);
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw wrong('which is no file');
    /** The first line that begins behind a place; none behind the last. */
    const lineAt = async (position: number): Promise<readonly string[]> => {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(window), 0, window, position);
      const text = buffer.toString('latin1', 0, bytesRead);
      if (position === 0) return [text];
      const begin = text.indexOf('\n') + 1;
      const isLast = position + bytesRead >= stat.size && (begin === 0 || begin === text.length);
      return isLast ? [] : [text.slice(begin)];
    };
    // The beginning, and some places in between: enough to tell another file from one of hashes, in any size.
    const places = Array.from({ length: samples }, (_, index) => Math.floor((stat.size * index) / samples));
    const found = (await Promise.all(places.map(lineAt))).flat();
    if (!found.every((text) => line.test(text))) throw wrong('which holds something else');
    const hashes = found.map((text) => text.slice(0, hashLength).toUpperCase());
    if (hashes.some((hash, index) => hash < (hashes[index - 1] ?? ''))) throw wrong('whose lines do not ascend');
  } finally {
    await handle.close();
  }
};
