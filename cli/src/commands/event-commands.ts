import { sendEventsReplySchema } from '@everwave/schema/api';
import { type Command, parseJson, positional } from '../command.ts';

const text = { type: 'string' } as const;

export const eventSend: Command = {
  usage: 'event send <name> <correlationKey> [--data <json>] [--id <id>] [--expires-in <duration>]',
  summary: 'Sends an event to the runs that wait for it, now or later; with --id, again, it is sent once.',
  options: { data: text, id: text, 'expires-in': text },
  async run({ client, positionals, options, print }) {
    const { data, id, 'expires-in': expiresIn } = options;
    const event = {
      name: positional(positionals, 0, 'name'),
      correlationKey: positional(positionals, 1, 'correlationKey'),
      ...(typeof data === 'string' ? { data: parseJson(data, 'data') } : {}),
      ...(typeof id === 'string' ? { id } : {}),
      ...(typeof expiresIn === 'string' ? { expiresIn } : {}),
    };
    const { events } = await client.post('/v1/events', { events: [event] }, sendEventsReplySchema);
    for (const sent of events) print(JSON.stringify(sent));
  },
};
