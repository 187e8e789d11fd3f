/** An IP address as a number. An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is the IPv4 address. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

const toV4 = (text: string): bigint | null => {
  const parts = text.split('.');
  const isWhole = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return isWhole ? parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n) : null;
};

/** `…:192.0.2.1` → `…:c000:201`; everything else as it is. */
const withoutDots = (text: string): string | null => {
  const at = text.lastIndexOf(':') + 1;
  const tail = text.slice(at);
  if (!tail.includes('.')) return text;
  const bits = toV4(tail);
  return bits === null ? null : `${text.slice(0, at)}${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
};

const groupsIn = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));

const toV6 = (text: string): bigint | null => {
  const halves = withoutDots(text)?.split('::') ?? [];
  if (halves.length === 0 || halves.length > 2) return null;
  const [head = [], tail] = halves.map(groupsIn);
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
};

/** Null for whatever is not one address in its usual spelling. A zone (`fe80::1%eth0`) is left out. */
export const parseIpAddress = (text: string): IpAddress | null => {
  const v4 = toV4(text);
  if (v4 !== null) return { family: 4, bits: v4 };
  const v6 = toV6(text.replace(/%[\w.-]+$/, ''));
  if (v6 === null) return null;
  return v6 >> 32n === 0xffffn ? { family: 4, bits: v6 & 0xffff_ffffn } : { family: 6, bits: v6 };
};
