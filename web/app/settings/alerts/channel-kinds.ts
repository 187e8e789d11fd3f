import type { AlertChannel } from '@everwave/schema/api';
import { Hash, type LucideIcon, Mail, Webhook } from 'lucide-react';

export type ChannelKind = AlertChannel['kind'];

/** The kinds of channel, in the order in which they are offered. */
export const channelKinds: { readonly [Kind in ChannelKind]: { readonly title: string; readonly icon: LucideIcon } } = {
  email: { title: 'E-mail', icon: Mail },
  slack: { title: 'Slack', icon: Hash },
  webhook: { title: 'Webhook', icon: Webhook },
};
