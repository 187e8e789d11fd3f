import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, for a link or a program. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** How a token is stored: so many random bits need no slow hash. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');
