import { implementNode } from '../../../runtime/implement-node.ts';
import { controlSendEvent } from './definition.ts';

export const sendEvent = implementNode(controlSendEvent, {
  async run(step, { event: name, correlationKey, data, expiresIn }) {
    const id = step.idempotencyKey;
    const { receivedAt, expiresAt } = await step.sendEvent({ name, correlationKey, data, expiresIn });
    return { id, name, correlationKey, receivedAt, expiresAt };
  },
});
