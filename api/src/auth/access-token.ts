import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import type { MasterKey, MasterKeys } from '@everwave/temporal/encryption';
import * as z from 'zod';

/** Seconds that an access token works. */
export const accessTokenLife = 600;

const algorithm = 'EdDSA';
const type = 'at+jwt';

const headerSchema = z.strictObject({ alg: z.literal(algorithm), typ: z.literal(type), kid: z.string() });
const claimsSchema = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  sub: z.string(),
  /** The family of refresh tokens that it belongs to: when that ends, so does this. */
  sid: z.string(),
  iat: z.int(),
  exp: z.int(),
  jti: z.string(),
});

export interface AccessTokenOwner {
  readonly userId: string;
  readonly familyId: string;
}

export interface AccessTokens {
  issue(owner: AccessTokenOwner): string;
  /** Whose token it is; null when it is not one of ours, was changed, or is too old. */
  read(token: string): AccessTokenOwner | null;
}

/**
 * Signed with Ed25519, by a key that is derived from the master key. One algorithm, one type and one audience are
 * accepted, whatever the token says of itself.
 */
export const createAccessTokens = ({ current, previous }: MasterKeys, audience: string): AccessTokens => {
  const own = signingKey(current);
  const keys = new Map([current, ...previous].map((master) => [master.id, createPublicKey(signingKey(master))]));
  return {
    issue: ({ userId, familyId }) => {
      const now = Math.floor(Date.now() / 1_000);
      const header: z.output<typeof headerSchema> = { alg: algorithm, typ: type, kid: current.id };
      const claims: z.output<typeof claimsSchema> = {
        iss: audience,
        aud: audience,
        sub: userId,
        sid: familyId,
        iat: now,
        exp: now + accessTokenLife,
        jti: randomUUID(),
      };
      const content = `${encode(header)}.${encode(claims)}`;
      return `${content}.${sign(null, Buffer.from(content), own).toString('base64url')}`;
    },
    read: (token) => {
      const [head = '', body = '', signature = '', ...more] = token.split('.');
      const header = headerSchema.safeParse(decode(head)).data;
      const key = header && keys.get(header.kid);
      if (!key || more.length > 0) return null;
      if (!verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) return null;
      const claims = claimsSchema.safeParse(decode(body)).data;
      if (!claims || claims.iss !== audience || claims.aud !== audience) return null;
      if (claims.exp * 1_000 <= Date.now()) return null;
      return { userId: claims.sub, familyId: claims.sid };
    },
  };
};

export const isAccessToken = (bearer: string): boolean => bearer.length < 2_000 && bearer.split('.').length === 3;

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

const decode = (part: string): unknown => {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
};

/** RFC 8410: what stands before the 32 bytes of an Ed25519 private key. */
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

const signingKey = ({ key }: MasterKey): KeyObject => {
  const seed = Buffer.from(hkdfSync('sha256', key.export(), '', 'everwave access tokens', 32));
  return createPrivateKey({ key: Buffer.concat([ed25519Prefix, seed]), format: 'der', type: 'pkcs8' });
};
