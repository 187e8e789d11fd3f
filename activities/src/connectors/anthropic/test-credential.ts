import * as z from 'zod';
import { implementCredential } from '../../runtime/implement-credential.ts';
import { send } from '../../runtime/rest-client.ts';
import { anthropicApi } from './credential.ts';

const listSchema = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });

/** The version of the API whose shapes the client library speaks. */
const apiVersion = '2026-10-21';

export const testAnthropicApi = implementCredential(anthropicApi, {
  /** Lists the models: it costs nothing. */
  async test(probe, { settings, secret }) {
    const url = new URL(`${settings.baseUrl.replace(/\/+$/, '')}/v1/models`);
    const reply = await send(probe, `${url.href}?limit=1000`, {
      headers: { authorization: `Bearer ${secret.apiKey}`, 'anthropic-version': apiVersion },
      timeoutMs: 8000,
    });
    if (reply.status === 401 || reply.status === 403) {
      return { ok: false, message: `${url.host} refused the key (${reply.status}).`, advice: 'Enter a new one.' };
    }
    const list = listSchema.safeParse(reply.json());
    if (reply.status !== 200 || !list.success) {
      return {
        ok: false,
        message: `${url.host} answered ${reply.status} without a list of models.`,
        advice: 'Check the API address; it stands without /v1.',
      };
    }
    const known = list.data.data.map(({ id }) => id);
    const wanted = settings.defaultModel;
    if (wanted && !known.includes(wanted)) {
      return {
        ok: false,
        message: `${url.host} accepts the key, but has no model ${wanted}.`,
        advice: `Choose one it has, such as ${known.slice(0, 3).join(', ')}.`,
      };
    }
    return { ok: true, message: `${url.host} accepts the key and has ${known.length} models.` };
  },
});
