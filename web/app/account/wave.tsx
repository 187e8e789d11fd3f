const loop =
  'M24 12C20.4 6.6 16.9 3.4 12.4 3.4 7.3 3.4 3.4 7.2 3.4 12s3.9 8.6 9 8.6c4.5 0 8-3.2 11.6-8.6s7.1-8.6 11.6-8.6c5.1 0 9 3.8 9 8.6s-3.9 8.6-9 8.6c-4.5 0-8-3.2-11.6-8.6Z';

const echoes = [1, 1.16, 1.36, 1.62, 1.96, 2.4];

/** The logo's wave, drawn large, with its echoes running outwards. */
export const Wave = () => (
  <svg viewBox="-26 -24 100 84" preserveAspectRatio="xMidYMid slice" fill="none" className="absolute inset-0 size-full">
    <defs>
      <linearGradient id="account-wave" x1="2" y1="6" x2="46" y2="18" gradientUnits="userSpaceOnUse">
        <stop offset="0" stopColor="var(--coral)" />
        <stop offset="1" stopColor="var(--burgundy)" />
      </linearGradient>
    </defs>
    {echoes.map((scale, at) => (
      <path
        key={scale}
        d={loop}
        stroke="url(#account-wave)"
        strokeWidth={(at === 0 ? 1.5 : 0.36) / scale}
        opacity={at === 0 ? 1 : 0.5 - at * 0.08}
        strokeLinejoin="round"
        transform={`translate(24 12) rotate(-14) scale(${scale}) translate(-24 -12)`}
      />
    ))}
  </svg>
);
