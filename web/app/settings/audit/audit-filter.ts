import { auditActions } from '@everwave/schema/api';
import * as z from 'zod';

const text = z.string().trim().min(1).max(200).nullable().catch(null);
const day = z.iso.date().nullable().catch(null);

/** What the address says. What it says wrongly is not asked for. */
const filterSchema = z.object({ actor: text, action: text, target: text, from: day, until: day });
export type Filter = z.infer<typeof filterSchema>;

export const readFilter = (search: URLSearchParams): Filter =>
  filterSchema.parse(
    Object.fromEntries(['actor', 'action', 'target', 'from', 'until'].map((name) => [name, search.get(name)])),
  );

/** As the api takes it: days are those of UTC, and the last one counts whole. */
export const filterQuery = ({ actor, action, target, from, until }: Filter) => ({
  actor: actor ?? undefined,
  action: action ?? undefined,
  target: target ?? undefined,
  from: from ? `${from}T00:00:00.000Z` : undefined,
  until: until ? new Date(Date.parse(until) + 24 * 60 * 60 * 1_000).toISOString() : undefined,
});

/** The first words of all actions, as a filter for each. */
export const areas: readonly string[] = [
  ...new Set(Object.keys(auditActions).map((action) => action.split('.')[0] ?? action)),
].toSorted();

export const areaWord = (area: string): string => {
  const words = area.replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};
