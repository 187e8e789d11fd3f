import { type Permission, permissions } from '@everwave/schema/api';
import { UsageError } from './command.ts';

interface Named {
  readonly id: string;
  readonly name: string;
  /** What it may be called besides. */
  readonly also?: string;
}

/** The one that is called so, by id first. Names that two have are refused: an id is asked for instead. */
export const byNameOrId = <Item extends Named>(items: readonly Item[], what: string, named: unknown): Item => {
  const byId = items.find(({ id }) => id === named);
  if (byId) return byId;
  const [found, ...others] = items.filter(({ name, also }) => name === named || also === named);
  if (!found) {
    const known = items.map(({ name }) => name).join(', ') || 'none yet';
    throw new UsageError(`Unknown ${what} ${String(named)}. There are: ${known}.`);
  }
  if (others.length > 0) {
    const ids = [found, ...others].map(({ id }) => id).join(', ');
    throw new UsageError(`More than one ${what} is called ${String(named)}. Name one of ${ids}.`);
  }
  return found;
};

export const permissionNamed = (named: string): Permission => {
  const found = permissions.find((permission) => permission === named);
  if (!found) throw new UsageError(`Unknown permission ${named}. One of: ${permissions.join(', ')}.`);
  return found;
};
