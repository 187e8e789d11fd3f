import { availableParallelism, totalmem } from 'node:os';
import type { PoolUse } from '@everwave/schema/db';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/**
 * What every process tells about itself: the default series of prom-client (`process_*`, `nodejs_*`), and what it may
 * use at most, so that use can be given in percent.
 */
export const registerProcessMetrics = (registry: Registry, version: string): void => {
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'everwave_process_cpu_cores',
    help: 'Processor cores that this process may use: those of its control group, or of the machine.',
    registers,
  }).set(availableParallelism());
  new Gauge({
    name: 'everwave_process_memory_limit_bytes',
    help: "Memory that this process may use: its control group's limit, or the machine's memory.",
    registers,
  }).set(memoryLimit());
  new Gauge({
    name: 'everwave_build_info',
    help: 'Always 1; the label says which release runs.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
};

/** Without a limit the kernel answers with 0 or with more than there is. */
const memoryLimit = (): number => {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
};

/** How much of its pool of database connections the process uses. */
export const registerPoolMetrics = (registry: Registry, poolUse: () => PoolUse): void => {
  const registers = [registry];
  new Gauge({
    name: 'everwave_database_transactions',
    help: 'Transactions that are open, or wait for a connection of the pool.',
    registers,
    collect() {
      this.set(poolUse().transactions);
    },
  });
  new Gauge({
    name: 'everwave_database_pool_connections',
    help: 'Connections that the pool may open.',
    registers,
    collect() {
      this.set(poolUse().connections);
    },
  });
};
