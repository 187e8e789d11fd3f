import encodeQR from 'qr';

/** A QR code as one path over a square of modules, with its quiet zone; drawn on this server, so that no other learns what it holds. */
export interface QrCode {
  readonly size: number;
  readonly path: string;
}

/** Modules of nothing around the code that scanners ask for. */
const quietZone = 4;

export const qrCode = (text: string): QrCode => {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: quietZone });
  return { size: rows.length, path: rows.flatMap((row, y) => barsOf(row, y)).join('') };
};

/** One bar for each run of dark modules: hundreds of pieces instead of thousands. */
const barsOf = (row: readonly boolean[], y: number): string[] =>
  row.flatMap((isDark, x) => {
    if (!isDark || row[x - 1]) return [];
    const next = row.indexOf(false, x);
    return [`M${x} ${y}h${(next < 0 ? row.length : next) - x}v1H${x}z`];
  });
