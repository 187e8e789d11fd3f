import type { Page } from 'playwright-core';

/**
 * Goes to one of our pages and waits until it answers. The server sends buttons that can be seen before their code has
 * come; on a busy machine a click in between is lost.
 */
export const visit = async (page: Page, url: string): Promise<void> => {
  await page.goto(url);
  await page.waitForFunction(() =>
    [...document.querySelectorAll('button')].every((button) =>
      Object.keys(button).some((name) => name.startsWith('__reactProps')),
    ),
  );
};
