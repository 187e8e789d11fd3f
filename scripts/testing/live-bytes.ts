import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
// Otherwise what is collected is freed by another thread, which a busy machine lets wait: it would count as live.
setFlagsFromString('--no-concurrent-array-buffer-sweeping');
const collectGarbage = runInNewContext('gc') as () => void;

/** What buffers hold, in bytes, once everything nobody refers to is gone. */
export const liveBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
};
