/**
 * Reads once for all who ask for the same at the same time, as the steps of many runs in one host do. Whoever asks while
 * a read is under way shares the one that follows it: nobody is given what was true before it asked.
 */
export const shareReads = <Key extends readonly string[], Value>(
  read: (...key: Key) => Promise<Value>,
): ((...key: Key) => Promise<Value>) => {
  const underWay = new Map<string, Promise<Value>>();
  const following = new Map<string, Promise<Value>>();

  const begin = (name: string, key: Key): Promise<Value> => {
    const reading = read(...key).finally(() => {
      if (underWay.get(name) === reading) underWay.delete(name);
    });
    underWay.set(name, reading);
    return reading;
  };
  const follow = async (before: Promise<Value>, name: string, key: Key): Promise<Value> => {
    await before.catch(() => {});
    following.delete(name);
    return begin(name, key);
  };

  return (...key) => {
    const name = JSON.stringify(key);
    const before = underWay.get(name);
    if (!before) return begin(name, key);
    const next = following.get(name) ?? follow(before, name, key);
    following.set(name, next);
    return next;
  };
};
