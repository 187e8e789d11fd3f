import type { QrCode } from './qr-code.server.ts';

/** Always dark on light: many scanners read no other. */
export const QrImage = ({ code: { size, path }, label }: { readonly code: QrCode; readonly label: string }) => (
  <svg
    role="img"
    aria-label={label}
    viewBox={`0 0 ${size} ${size}`}
    shapeRendering="crispEdges"
    className="mx-auto block w-full max-w-[232px] rounded-lg border border-line"
  >
    <rect width={size} height={size} fill="white" />
    <path d={path} fill="black" />
  </svg>
);
