import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

// One-time codes by time (RFC 6238), with what every app supports: SHA-1, 6 digits, 30 seconds.
const stepSeconds = 30;
const digits = 6;
/** Steps before and after now whose codes are taken too: clocks differ. */
const tolerance = 1;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** 160 random bits, as apps take them. */
export const newTotpSecret = (): string => toBase32(randomBytes(20));

export const toBase32 = (bytes: Uint8Array): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
};

const fromBase32 = (text: string): Buffer => {
  const bits = text
    .split('')
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
};

/** The address that a QR code holds. */
export const totpUri = (secret: string, account: string): string =>
  `otpauth://totp/${encodeURIComponent(`Everwave:${account}`)}?${new URLSearchParams({
    secret,
    issuer: 'Everwave',
    algorithm: 'SHA1',
    digits: String(digits),
    period: String(stepSeconds),
  }).toString()}`;

export const stepAt = (now: number): number => Math.floor(now / 1_000 / stepSeconds);

export const codeOfStep = (secret: string, step: number): string => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, '0');
};

/** The step whose code this is, or null: whoever takes it notes it, so that no code counts twice. */
export const stepOfCode = (secret: string, code: string, now: number): number | null => {
  if (!/^\d{6}$/.test(code)) return null;
  const current = stepAt(now);
  const steps = Array.from({ length: 2 * tolerance + 1 }, (_, index) => current - tolerance + index);
  const fitting = steps.filter((step) => timingSafeEqual(Buffer.from(codeOfStep(secret, step)), Buffer.from(code)));
  return fitting.at(-1) ?? null;
};
