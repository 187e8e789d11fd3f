import * as z from 'zod';
import { type IpAddress, parseIpAddress } from './ip-address.ts';

interface Network extends IpAddress {
  /** How many of the leading bits count. */
  readonly prefix: number;
}

/** Where requests may come from whose word about their sender is believed. */
export type TrustedProxies = readonly Network[];

const widthOf = ({ family }: IpAddress): number => (family === 4 ? 32 : 128);

const parseNetwork = (text: string): Network | null => {
  const [, base = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseIpAddress(base);
  if (!address) return null;
  const width = widthOf(address);
  const prefix = length === undefined ? width : Number(length);
  return prefix <= width ? { ...address, prefix } : null;
};

const contains = (network: Network, address: IpAddress): boolean => {
  const ignored = BigInt(widthOf(network) - network.prefix);
  return network.family === address.family && network.bits >> ignored === address.bits >> ignored;
};

/** `EVERWAVE_TRUSTED_PROXIES`: addresses and networks, separated by commas; `none` trusts nobody. */
export const trustedProxiesSchema = z
  .string()
  .default('127.0.0.0/8, ::1')
  .transform((text, context): TrustedProxies => {
    const entries = text.trim() === 'none' ? [] : text.split(',').map((entry) => entry.trim());
    return entries.flatMap((entry) => {
      const network = parseNetwork(entry);
      if (network) return [network];
      context.addIssue({
        code: 'custom',
        message: `“${entry}” is neither an address nor a network. Write 10.0.0.5, or 10.0.0.0/8, separated by commas; or none.`,
      });
      return [];
    });
  });

/** What proxies write into `X-Forwarded-For`: an address, perhaps with a port, IPv6 perhaps in brackets. */
const addressIn = (hop: string): string => {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(hop) ?? [];
  return bracketed ?? hop.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
};

export interface Origin {
  /** Address of whoever opened the connection. */
  readonly peer: string;
  /** The header as it came, several joined by commas. */
  readonly forwardedFor: string | undefined;
  readonly trusted: TrustedProxies;
}

/**
 * Address of the person or program that asks. Each proxy adds whom it saw at the right, so the list is read from there:
 * the first who is no proxy of ours is the sender, and whatever stands further left is their own claim.
 */
export const clientAddress = ({ peer, forwardedFor, trusted }: Origin): string => {
  const hops = forwardedFor === undefined ? [] : forwardedFor.split(',').map((hop) => addressIn(hop.trim()));
  let sender = peer;
  for (;;) {
    const address = parseIpAddress(sender);
    if (!address || !trusted.some((network) => contains(network, address))) return sender;
    const next = hops.pop();
    if (next === undefined || !parseIpAddress(next)) return sender;
    sender = next;
  }
};

/** Who shares one budget: an IPv4 address, or the 64 leading bits of an IPv6 one, since one customer gets all of those. */
export const addressBudget = (text: string): string => {
  const address = parseIpAddress(text);
  if (!address) return text;
  return address.family === 4 ? `4:${address.bits.toString(16)}` : `6:${(address.bits >> 64n).toString(16)}`;
};
