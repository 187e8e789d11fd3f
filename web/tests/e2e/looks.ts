import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { FakeStackInUse } from './use-fake-stack.ts';

const looks = [
  { theme: 'light', width: 1_440 },
  { theme: 'dark', width: 1_440 },
  { theme: 'light', width: 375 },
  { theme: 'dark', width: 375 },
] as const;

/** Where pictures of the pages go that are looked at; none are taken without it. */
const shots = process.env['EVERWAVE_SHOTS'];

export const faults = async (page: Page): Promise<readonly string[]> => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`);
};

const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** A page as it is now has no accessibility fault and fits its window. `name` is that of its picture. */
export const pageIsRight = async (page: Page, name: string): Promise<void> => {
  expect(await faults(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
};

/** So is the page at a path in light and dark, wide and narrow. */
export const looksRight = async (
  open: FakeStackInUse['open'],
  path: string,
  name = path.replaceAll(/\W+/g, '-'),
): Promise<void> => {
  for (const look of looks) await pageIsRight(await open(path, look), `${name}-${look.theme}-${look.width}`);
};
