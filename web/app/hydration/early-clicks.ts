import { useEffect } from 'react';

declare global {
  /** Made by `public/early-clicks.js`, which stands in the page before anything can be clicked on. */
  var takeEarlyClicks: (() => void) | undefined;
}

export const earlyClicksScript = '/early-clicks.js';

/** Once the page answers, does what somebody has clicked on before. */
export const useEarlyClicks = (): void => {
  useEffect(() => globalThis.takeEarlyClicks?.(), []);
};
