import type { RunLimit } from '@everwave/schema/run';

export const isUnlimited = ({ atOnce, rate }: RunLimit): boolean => atOnce === null && rate === null;
