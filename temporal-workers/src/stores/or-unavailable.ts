import { StoreUnavailable } from '@everwave/activities/worker';
import { isDatabaseUnavailable } from '@everwave/schema/db';

type Method = (...values: never[]) => Promise<unknown>;

/** The same store, whose calls reject with `StoreUnavailable` where Postgres was away, so that no attempt is spent on it. */
export const orUnavailable = <Store extends { readonly [Name in keyof Store]: Method }>(store: Store): Store =>
  Object.fromEntries(
    Object.entries<Method>(store).map(([name, method]) => [
      name,
      async (...values: never[]): Promise<unknown> => {
        try {
          return await method(...values);
        } catch (error) {
          if (!isDatabaseUnavailable(error)) throw error;
          throw new StoreUnavailable('The database did not answer.', { cause: error });
        }
      },
    ]),
  ) as Store;
