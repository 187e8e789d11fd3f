import type { Meter } from './runs.ts';

interface Used {
  readonly meters: readonly Meter[];
  readonly costUsd: number | null;
}

const whole = new Intl.NumberFormat('en');
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 10 });

/** `$12.40`, `$0.0021`: two digits that mean something, however small the amount. */
export const formatUsd = (amount: number): string =>
  amount === 0 || amount >= 1 ? `$${amount.toFixed(2)}` : `$${exact.format(Number(amount.toPrecision(2)))}`;

/** `1,204 tokens in (200 cached) · 310 out · about $0.0021`; `null` when nothing was metered. */
export const describeUsage = ({ meters, costUsd }: Used): string | null => {
  const amountOf = (name: string) => meters.find(({ meter }) => meter === name)?.amount;
  const input = amountOf('inputTokens');
  const output = amountOf('outputTokens') ?? 0;
  const cached = amountOf('cachedInputTokens') ?? 0;
  const others = meters.filter(({ meter, unit }) => !['token', 'USD'].includes(unit) && meter !== 'costUsd');
  const parts = [
    ...(input === undefined
      ? []
      : [`${whole.format(input)} tokens in${cached > 0 ? ` (${whole.format(cached)} cached)` : ''}`]),
    ...(input === undefined || output === 0 ? [] : [`${whole.format(output)} out`]),
    ...others.map(({ meter, unit, amount }) => `${meter} ${exact.format(amount)} ${unit}`),
    ...(costUsd === null ? [] : [`about ${formatUsd(costUsd)}`]),
  ];
  return parts.length === 0 ? null : parts.join(' · ');
};
