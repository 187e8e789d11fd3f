import { useEffect, useState } from 'react';
import { type LoadedValue, loadValue } from './load-value.ts';

/** Loads a whole value as soon as it is shown; null when there is none to load. */
export const useKeptValue = (url: string | null): LoadedValue | 'loading' | null => {
  const [loaded, setLoaded] = useState<LoadedValue | 'loading'>('loading');

  useEffect(() => {
    if (!url) return;
    const controller = new AbortController();
    setLoaded('loading');
    void loadValue(url, controller.signal).then((value) => {
      if (!controller.signal.aborted) setLoaded(value);
    });
    return () => controller.abort();
  }, [url]);

  return url ? loaded : null;
};
