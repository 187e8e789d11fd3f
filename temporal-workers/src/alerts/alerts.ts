import { createAlertSender, type EgressPolicy } from '@everwave/activities/worker';
import { createRounds } from '@everwave/temporal/rounds';
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
  const round = async (): Promise<number> => {
    await noteChanges(tools.db, settle);
    return deliverAlerts({ ...tools, sender });
  };
  const rounds = createRounds({ round, interval, name: 'alert', logger: tools.logger });
  rounds.start();
  return {
    stop: async () => {
      await rounds.stop();
      await sender.close();
    },
  };
};
