import decodeQR from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { type QrCode, qrCode } from './qr-code.server.ts';

/** Paints the path, eight pixels per module, as a browser would. */
const paint = ({ size, path }: QrCode) => {
  const scale = 8;
  const width = size * scale;
  const pixels = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1H\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row += 1) {
      for (let column = Number(x) * scale; column < (Number(x) + Number(length)) * scale; column += 1) {
        pixels.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);
      }
    }
  }
  return { width, height: width, data: pixels };
};

describe('a QR code', () => {
  it('says to a scanner what it was made of', () => {
    const uri =
      'otpauth://totp/Everwave%3Amara%40hartwell.coffee?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Everwave&algorithm=SHA1&digits=6&period=30';
    expect(decodeQR(paint(qrCode(uri)))).toBe(uri);
  });

  it.each(['a@b.co', 'jörg.müller+everwave@büro.example', `${'long'.repeat(16)}@${'example.'.repeat(20)}org`])(
    'does so for whatever address a person has: %s',
    (email) => {
      const uri = `otpauth://totp/${encodeURIComponent(`Everwave:${email}`)}?secret=JBSWY3DPEHPK3PXP`;
      expect(decodeQR(paint(qrCode(uri)))).toBe(uri);
    },
  );

  it('has the quiet zone that scanners ask for', () => {
    const { size, path } = qrCode('otpauth://totp/Everwave');
    const places = [...path.matchAll(/M(\d+) (\d+)h(\d+)/g)].map(([, x, y, length]) => [x, y, length].map(Number));
    expect(Math.min(...places.flatMap(([x = 0, y = 0]) => [x, y]))).toBe(4);
    expect(Math.max(...places.map(([x = 0, , length = 0]) => x + length))).toBe(size - 4);
  });
});
