import { implementCredential } from '../../runtime/implement-credential.ts';
import { send } from '../../runtime/rest-client.ts';
import { authorizationOf, resolveUrl } from './client.ts';
import { httpAuthentication } from './credential.ts';

export const testHttpAuthentication = implementCredential(httpAuthentication, {
  async test(probe, connection) {
    const url = resolveUrl(connection.settings.testPath ?? '', connection);
    if (!url) return { ok: false, message: 'The base URL and the test path make no address.' };
    const { name, value } = authorizationOf(connection);
    const { status } = await send(probe, url, { headers: { [name]: value }, timeoutMs: 8000 });
    if (status < 400) return { ok: true, message: `${url.host} answered ${status}.` };
    if (status === 401 || status === 403) {
      return { ok: false, message: `${url.host} refused the secret (${status}).`, advice: 'Enter a new one.' };
    }
    return {
      ok: false,
      message: `${url.host} answered ${status}.`,
      advice: 'Check the base URL, or set a path that any valid secret may read.',
    };
  },
});
