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
