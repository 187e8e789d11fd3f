import { createAlertSender, type EgressPolicy } from '@everwave/activities/worker';
import { deliverAlerts, type DeliverTools } from './deliver-alerts.ts';
import { noteChanges } from './note-changes.ts';

export interface Alerts {
  /** Resolves when what is under way has ended. */
  stop(): Promise<void>;
}

export interface AlertOptions extends Omit<DeliverTools, 'sender'> {
  readonly egress: EgressPolicy;
  /** Milliseconds between rounds. */
  readonly interval?: number;
  /** Milliseconds for which a group is empty until people are told that it is over. */
  readonly settle?: number;
}

/** Tells people of dead letters for as long as the worker lives. Every worker does it; each alert is claimed by one. */
export const startAlerts = ({ egress, interval = 2_000, settle = 60_000, ...tools }: AlertOptions): Alerts => {
  const sender = createAlertSender(egress);
  let stopped = false;
  let wake: () => void = () => {};

  const round = async (): Promise<number> => {
    try {
      await noteChanges(tools.db, settle);
      return await deliverAlerts({ ...tools, sender });
    } catch (error) {
      tools.logger.warn('alerts could not be sent, will be tried again', { error });
      return 0;
    }
  };

  const loop = async (): Promise<void> => {
    while (!stopped) {
      if ((await round()) > 0) continue;
      if (stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, interval);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const done = loop();

  return {
    stop: async () => {
      stopped = true;
      wake();
      await done;
      await sender.close();
    },
  };
};
