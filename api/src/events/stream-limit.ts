import { problem } from '../problems.ts';

/** How many event streams are open at once in this process. Each costs a connection and a look at Postgres every few seconds. */
export interface StreamLimit {
  /** Counts one more stream and returns what takes it off again. Throws `too_many_streams` when there are enough. */
  open(callerId: string): () => void;
}

export interface StreamBounds {
  readonly perCaller: number;
  readonly inAll: number;
}

const refuse = (detail: string) => problem('too_many_streams', detail, { headers: { 'retry-after': '10' } });

export const createStreamLimit = ({ perCaller, inAll }: StreamBounds): StreamLimit => {
  const byCaller = new Map<string, number>();
  let open = 0;
  return {
    open: (callerId) => {
      const mine = byCaller.get(callerId) ?? 0;
      if (mine >= perCaller) {
        throw refuse(
          `You have ${mine} event streams open, as many as one caller may. Close one, or ask without a stream.`,
        );
      }
      if (open >= inAll)
        throw refuse('As many event streams are open as this server carries. Ask without a stream, or try again.');
      byCaller.set(callerId, mine + 1);
      open += 1;
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        open -= 1;
        const left = (byCaller.get(callerId) ?? 1) - 1;
        if (left > 0) byCaller.set(callerId, left);
        else byCaller.delete(callerId);
      };
    },
  };
};
