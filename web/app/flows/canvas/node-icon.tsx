import {
  AlarmClock,
  Asterisk,
  Braces,
  CalendarClock,
  CodeXml,
  CornerDownLeft,
  Flag,
  GitFork,
  GitMerge,
  Globe,
  Hash,
  Hexagon,
  ListChecks,
  type LucideIcon,
  Mail,
  MousePointerClick,
  OctagonX,
  Plug,
  Radio,
  Reply,
  RefreshCw,
  Repeat,
  Send,
  ShieldCheck,
  Split,
  Stamp,
  Timer,
  Variable,
  Waypoints,
  Webhook,
} from 'lucide-react';

const byKind: Readonly<Record<string, LucideIcon>> = {
  'trigger.webhook': Webhook,
  'trigger.manual': MousePointerClick,
  'trigger.schedule': AlarmClock,
  'control.condition': Split,
  'control.switch': Waypoints,
  'control.parallel': GitFork,
  'control.merge': GitMerge,
  'control.delay': Timer,
  'control.setVariables': Variable,
  'control.return': CornerDownLeft,
  'control.respond': Reply,
  'control.forEach': Repeat,
  'control.while': RefreshCw,
  'control.try': ShieldCheck,
  'control.finally': ListChecks,
  'control.waitUntil': CalendarClock,
  'control.waitForEvent': Radio,
  'control.sendEvent': Send,
  'control.approval': Stamp,
  'control.stop': OctagonX,
};

const byConnector: Readonly<Record<string, LucideIcon>> = {
  core: Flag,
  http: Globe,
  email: Mail,
  slack: Hash,
  data: Braces,
  code: CodeXml,
  openai: Hexagon,
  anthropic: Asterisk,
};

const coloured = new Set(['core', 'http', 'email', 'slack', 'data', 'openai', 'anthropic']);

/** A connector's colour, as a CSS value. */
export const connectorColour = (connector: string): string =>
  `var(--connector-${coloured.has(connector) ? connector : 'other'})`;

export const connectorOf = (kind: string): string => {
  const [first = 'core'] = kind.split('.');
  return first === 'trigger' || first === 'control' ? 'core' : first;
};

/** The icon of a node's kind, or of its connector, on the connector's colour. */
export const NodeIcon = ({ kind, size = 28 }: { readonly kind: string; readonly size?: number }) => {
  const connector = connectorOf(kind);
  const Icon = byKind[kind] ?? byConnector[connector] ?? Plug;
  const colour = connectorColour(connector);
  return (
    <span
      aria-hidden
      className="grid shrink-0 place-items-center rounded-md"
      style={{
        width: size,
        height: size,
        color: colour,
        background: `color-mix(in oklab, ${colour} 14%, transparent)`,
      }}
    >
      <Icon size={Math.round(size * 0.57)} strokeWidth={2} />
    </span>
  );
};
