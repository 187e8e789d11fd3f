import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its private key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly privateKey: KeyObject;
  readonly commonName: string;
}

// X.509 in DER (RFC 5280), as little of it as a TLS client checks.
const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), body]);
};
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const oid = (...bytes: number[]) => der(0x06, Buffer.from(bytes));
const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const name = (commonName: string) =>
  sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)))));
const time = (date: Date) => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
const extension = (id: Buffer, value: Buffer) => sequence(id, der(0x01, Buffer.of(0xff)), der(0x04, value));
const isAuthority = extension(oid(0x55, 0x1d, 0x13), sequence(der(0x01, Buffer.of(0xff))));
const alternativeNames = (dnsName: string) =>
  extension(oid(0x55, 0x1d, 0x11), sequence(der(0x82, Buffer.from(dnsName)), der(0x87, Buffer.of(127, 0, 0, 1))));

const day = 24 * 60 * 60 * 1000;

const create = (commonName: string, extensions: Buffer, issuer: Certificate | null): Certificate => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(0x01), randomBytes(8)])),
    ecdsaWithSha256,
    name(issuer?.commonName ?? commonName),
    sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + day))),
    name(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extensions)),
  );
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey);
  const certificate = sequence(body, ecdsaWithSha256, der(0x03, Buffer.of(0), signature));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKey,
    commonName,
  };
};

/** An authority of its own, valid for a day. */
export const createAuthority = (commonName: string): Certificate => create(commonName, isAuthority, null);

/** A server's certificate for a DNS name and for 127.0.0.1. */
export const createServerCertificate = (authority: Certificate, dnsName: string): Certificate =>
  create(dnsName, alternativeNames(dnsName), authority);
