import { Cable, ChartNoAxesColumn, Hand, House, Inbox, ListTree, Settings, Stamp, Workflow } from 'lucide-react';

/** The places of the product, in the order of the rail. */
export const places = [
  { to: '/', label: 'Home', icon: House },
  { to: '/workflows', label: 'Flows', icon: Workflow },
  { to: '/runs', label: 'Runs', icon: ListTree },
  { to: '/attention', label: 'Attention', icon: Hand },
  { to: '/approvals', label: 'Approvals', icon: Stamp },
  { to: '/connections', label: 'Connections', icon: Cable },
  { to: '/inbox', label: 'Inbox', icon: Inbox },
  { to: '/insights', label: 'Insights', icon: ChartNoAxesColumn },
  { to: '/settings', label: 'Settings', icon: Settings },
] as const;

/** How much waits for the person who looks, by place. */
export type Waiting = { readonly [Path in Place['to']]?: number };

export type Place = (typeof places)[number];
