import type { OpenConnection } from '../../runtime/implement-node.ts';
import type { httpAuthentication } from './credential.ts';

type HttpConnection = OpenConnection<typeof httpAuthentication>;

export interface Authorization {
  readonly name: string;
  readonly value: string;
}

/** The header that carries the connection's secret. */
export const authorizationOf = ({ settings, secret }: HttpConnection): Authorization => {
  switch (settings.scheme) {
    case 'bearer':
      return { name: 'authorization', value: `Bearer ${secret.value}` };
    case 'basic': {
      const pair = Buffer.from(`${settings.username ?? ''}:${secret.value}`, 'utf8').toString('base64');
      return { name: 'authorization', value: `Basic ${pair}` };
    }
    case 'header':
      return { name: settings.headerName.toLowerCase(), value: secret.value };
  }
};

/** The address a step means: absolute, or a path below the connection's base URL. `null` when it is neither. */
export const resolveUrl = (url: string, connection: HttpConnection | null): URL | null => {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url) || !connection) return URL.parse(url);
  return URL.parse(`${connection.settings.baseUrl.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`);
};

/** The secret is sent to the origin of its base URL and nowhere else. */
export const isHome = (url: URL, connection: HttpConnection): boolean =>
  url.origin === URL.parse(connection.settings.baseUrl)?.origin;
