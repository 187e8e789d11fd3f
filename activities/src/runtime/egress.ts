import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { callbackify, promisify } from 'node:util';
import { Agent, buildConnector } from 'undici';
import { isPublicAddress } from './address-policy.ts';
import { createEgressFetch, type EgressFetch } from './egress-fetch.ts';
import { AddressRefused, NotConnected } from './node-errors.ts';
import type { EgressPolicy } from './ports.ts';

export type { EgressFetch, EgressRequest } from './egress-fetch.ts';

/** Every answer the resolver gives for a name, in its order. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * The one way out of this package. A name is resolved once, every answer is checked, and the connection goes to a
 * checked answer: nothing can change between check and use. No proxy from the environment, no unix sockets.
 */
export interface Egress {
  readonly fetch: EgressFetch;
  /**
   * For sockets that are not HTTP: the addresses to connect to, already checked. Connect to one of these and use
   * `host` only as the server's name in TLS. Throws `AddressRefused` or `NotConnected`.
   */
  resolve(host: string, port: number): Promise<readonly [LookupAddress, ...LookupAddress[]]>;
  /** Ends every connection; requests still under way fail. */
  close(): Promise<void>;
}

interface EgressOptions {
  /** Tests bring their own resolver. */
  readonly resolve?: Resolve;
  readonly connectTimeoutMs?: number;
}

const resolveWithSystem: Resolve = (hostname) => promisify(systemLookup)(hostname, { all: true, verbatim: true });

export const createEgress = (policy: EgressPolicy, options: EgressOptions = {}): Egress => {
  const resolve = options.resolve ?? resolveWithSystem;
  const timeout = options.connectTimeoutMs ?? 5000;
  const allowed = new Set(policy.allow.map((entry) => entry.trim().toLowerCase()).filter((entry) => entry !== ''));

  const isAllowed = (hostname: string, port: number): boolean =>
    allowed.has(`${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`.toLowerCase());

  const checkedAddresses = async (hostname: string, port: number): Promise<readonly LookupAddress[]> => {
    const family = isIP(hostname);
    const answers = family === 0 ? await resolve(hostname) : [{ address: hostname, family }];
    if (isAllowed(hostname, port)) return answers;
    // One private answer among public ones is an attack or a mistake: the whole name is refused.
    const refused = answers.find(({ address }) => !isPublicAddress(address));
    if (refused) throw refusal(hostname, port);
    return answers;
  };

  const checkedAddressesWithCallback = callbackify(checkedAddresses);
  const lookupFor =
    (port: number): LookupFunction =>
    (hostname, lookupOptions, callback) =>
      checkedAddressesWithCallback(hostname, port, (error, answers) => {
        const [first] = answers ?? [];
        if (error) callback(error, []);
        else if (!first) callback(new NotConnected(`${hostname} has no address.`), []);
        else if (lookupOptions.all) callback(null, [...answers]);
        else callback(null, first.address, first.family);
      });

  const connect: buildConnector.connector = (target, callback) => {
    const hostname = target.hostname.replace(/^\[|\]$/g, '');
    const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
    // A literal address never reaches the lookup, so it is checked here.
    if (isIP(hostname) !== 0 && !isAllowed(hostname, port) && !isPublicAddress(hostname)) {
      callback(refusal(hostname, port), null);
      return;
    }
    const connectPinned = buildConnector({ lookup: lookupFor(port), timeout, allowH2: false });
    connectPinned(target, (...outcome) => {
      const [error, socket] = outcome;
      if (socket) callback(null, socket);
      else callback(notConnected(hostname, port, error), null);
    });
  };

  const shared = { connect, headersTimeout: 60_000, bodyTimeout: 60_000 };
  const reusing = new Agent(shared);
  // A kept-alive socket may die just as a request is written to it: then nobody knows whether the request arrived.
  const fresh = new Agent({ ...shared, pipelining: 0 });
  const patient = new Agent({ ...shared, headersTimeout: 0, bodyTimeout: 0 });

  return {
    fetch: createEgressFetch({ reusing, fresh, patient }),
    async resolve(host, port) {
      const hostname = canonicalHostname(host);
      const [first, ...others] = await checkedAddresses(hostname, port).catch((error: unknown) => {
        throw notConnected(hostname, port, error);
      });
      if (!first) throw new NotConnected(`${hostname} has no address.`);
      return [first, ...others];
    },
    async close() {
      await Promise.all([reusing.destroy(), fresh.destroy(), patient.destroy()]);
    },
  };
};

/** Names no resolved address: which machine a private name leads to is not the asker's business. */
const refusal = (hostname: string, port: number): AddressRefused =>
  new AddressRefused(`${hostname}:${port} is not a public address, and no entry allows it.`);

const notConnected = (hostname: string, port: number, cause: unknown): Error => {
  if (cause instanceof AddressRefused || cause instanceof NotConnected) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
  return new NotConnected(`No connection to ${hostname}:${port} (${code}).`, { cause });
};

/** One spelling per host, by the rules of URLs: decimal, octal and hexadecimal addresses become dotted ones. */
const canonicalHostname = (host: string): string => {
  const url = URL.parse(`http://${isIP(host) === 6 ? `[${host}]` : host}/`);
  if (!url || url.username !== '' || url.port !== '' || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new AddressRefused(`"${host}" is no host name.`);
  }
  return url.hostname.replace(/^\[|\]$/g, '');
};
