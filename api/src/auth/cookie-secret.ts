import { hkdfSync } from 'node:crypto';
import type { MasterKeys } from '@everwave/temporal/encryption';

/** Signs session cookies. Derived from the master key, so that there is one secret to keep; rotating it ends sessions. */
export const cookieSecret = ({ current }: MasterKeys): string =>
  Buffer.from(hkdfSync('sha256', current.key.export(), '', 'everwave session cookies', 32)).toString('hex');
