import type { MeterReading, MeterStore } from './ports.ts';

/** Adds up what one attempt counts, and records it once at the end, whether the attempt succeeded or not. */
export interface AttemptMeters {
  add(name: string, amount: number): void;
  flush(): Promise<void>;
}

export const createMeters = (
  store: MeterStore,
  units: Readonly<Record<string, { readonly unit: string }>>,
  attempt: Omit<MeterReading, 'attemptAt' | 'meter' | 'unit' | 'amount'>,
): AttemptMeters => {
  const attemptAt = Date.now();
  const amounts = new Map<string, number>();
  return {
    add: (name, amount) => void amounts.set(name, (amounts.get(name) ?? 0) + amount),
    async flush() {
      if (amounts.size === 0) return;
      const readings = [...amounts].map(([meter, amount]) => ({
        ...attempt,
        attemptAt,
        meter,
        unit: units[meter]?.unit ?? 'unit',
        amount,
      }));
      await store.record(readings);
    },
  };
};
