import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TemporalSettings, TlsSettings } from './env.ts';

/** What both kinds of connection, the client's and the worker's, take alike. */
export interface ConnectionOptions {
  readonly address: string;
  readonly tls:
    | false
    | {
        readonly serverNameOverride?: string;
        readonly serverRootCACertificate?: Buffer;
        readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
      };
  readonly apiKey?: string;
}

/** Reads the certificate files; throws a sentence that names the setting of a file that cannot be read. */
export const toConnectionOptions = ({ address, apiKey, tls }: TemporalSettings): ConnectionOptions => ({
  address,
  tls: tls ? readTls(tls) : false,
  ...(apiKey ? { apiKey } : {}),
});

const readTls = ({ caFile, certFile, keyFile, serverName }: TlsSettings) => ({
  ...(serverName ? { serverNameOverride: serverName } : {}),
  ...(caFile ? { serverRootCACertificate: readPem(caFile, 'TEMPORAL_TLS_CA_FILE') } : {}),
  ...(certFile && keyFile
    ? {
        clientCertPair: {
          crt: readPem(certFile, 'TEMPORAL_TLS_CERT_FILE'),
          key: readPem(keyFile, 'TEMPORAL_TLS_KEY_FILE'),
        },
      }
    : {}),
});

const readPem = (file: string, setting: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`${setting} names ${file}, which cannot be read.`, { cause: error });
  }
};

/** True when the address is this machine: there, compressing gRPC costs more than it saves. */
export const isLoopback = (address: string): boolean => {
  const { host } = splitAddress(address);
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
};

const splitAddress = (address: string): { host: string; port: number } => {
  const { hostname, port } = new URL(`tcp://${address}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 7233 : Number(port) };
};

/** An error that says why Temporal could not be reached and which setting to look at. gRPC itself often reports only a timeout. */
export const toConnectionError = async (settings: TemporalSettings, cause: unknown): Promise<Error> => {
  const reason = (await probe(settings)) ?? describe(cause);
  return new Error(`Temporal at ${settings.address} cannot be used: ${reason}`, { cause });
};

/** Connects without gRPC, because a plain socket tells what gRPC hides. Null when that works. */
const probe = (settings: TemporalSettings): Promise<string | null> =>
  new Promise((resolve) => {
    const { host, port } = splitAddress(settings.address);
    const { tls } = settings;
    const options = tls ? toConnectionOptions(settings).tls : false;
    const servername = tls?.serverName ?? (isIP(host) ? undefined : host);
    const socket = options
      ? connectTls({
          host,
          port,
          ALPNProtocols: ['h2'],
          ...(servername ? { servername } : {}),
          ...(options.serverRootCACertificate ? { ca: options.serverRootCACertificate } : {}),
          ...(options.clientCertPair ? { cert: options.clientCertPair.crt, key: options.clientCertPair.key } : {}),
        })
      : connectTcp({ host, port });
    const finish = (reason: string | null) => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(3_000, () => finish('nothing answers there. Check TEMPORAL_ADDRESS and the network between.'));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(explain(error)));
    socket.once(options ? 'secureConnect' : 'connect', () => finish(null));
  });

const explain = (error: NodeJS.ErrnoException): string => {
  switch (error.code ?? '') {
    case 'ECONNREFUSED':
      return 'nothing listens there. Start Temporal, or correct TEMPORAL_ADDRESS.';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'this host name is not known. Correct TEMPORAL_ADDRESS.';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for another name (${error.message}). Set TEMPORAL_TLS_SERVER_NAME.`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'CERT_SIGNATURE_FAILURE':
      return `its certificate is not signed by an authority we trust (${error.code}). Set TEMPORAL_TLS_CA_FILE to the authority's certificate.`;
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired.';
    default:
      return `${error.message}. Does the server speak TLS there? See TEMPORAL_TLS.`;
  }
};

const describe = (cause: unknown): string => {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/unauthenticated|permission.?denied|unauthorized/i.test(message)) {
    return `the server does not accept our credentials (${message}). Check TEMPORAL_API_KEY or the client certificate.`;
  }
  return `${message}. Check TEMPORAL_ADDRESS, TEMPORAL_TLS and TEMPORAL_API_KEY.`;
};
