import * as z from 'zod';
import { implementCredential } from '../../runtime/implement-credential.ts';
import { send } from '../../runtime/rest-client.ts';
import { openaiApi } from './credential.ts';

const listSchema = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });

export const testOpenAiApi = implementCredential(openaiApi, {
  /** Lists the models: it costs nothing and every server of this kind can do it. */
  async test(probe, { settings, secret }) {
    const url = `${settings.baseUrl.replace(/\/+$/, '')}/models`;
    const reply = await send(probe, url, {
      headers: {
        authorization: `Bearer ${secret.apiKey}`,
        ...(settings.organization ? { 'openai-organization': settings.organization } : {}),
        ...(settings.project ? { 'openai-project': settings.project } : {}),
      },
      timeoutMs: 8000,
    });
    const { host } = new URL(url);
    if (reply.status === 401 || reply.status === 403) {
      return { ok: false, message: `${host} refused the key (${reply.status}).`, advice: 'Enter a new one.' };
    }
    const list = listSchema.safeParse(reply.json());
    if (reply.status !== 200 || !list.success) {
      return {
        ok: false,
        message: `${host} answered ${reply.status} without a list of models.`,
        advice: 'Check the API address; it usually ends in /v1.',
      };
    }
    const known = list.data.data.map(({ id }) => id);
    const wanted = settings.defaultModel;
    if (wanted && !known.includes(wanted)) {
      return {
        ok: false,
        message: `${host} accepts the key, but has no model ${wanted}.`,
        advice: `Choose one it has, such as ${known.slice(0, 3).join(', ') || 'none at this moment'}.`,
      };
    }
    return { ok: true, message: `${host} accepts the key and has ${known.length} models.` };
  },
});
