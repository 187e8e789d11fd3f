import { type Permission, permissions } from '@everwave/schema/api';

/** Who may come in by a route. */
export type Access =
  | { readonly kind: 'permission'; readonly permission: Permission }
  /** Whoever it is, person or key, whatever they may do. */
  | { readonly kind: 'known' }
  /** Whoever has a session, whatever their role. */
  | { readonly kind: 'signedIn' }
  /** The people who look after the accounts of this installation. */
  | { readonly kind: 'instanceAdministrator' }
  /** Whoever asks; `because` says why that is safe. */
  | { readonly kind: 'public'; readonly because: string };

/** One way into the api. */
export interface RouteEntry {
  /** `ALL` stands for every method. */
  readonly method: string;
  /** As Hono writes it: `/v1/runs/:runId`. */
  readonly path: string;
  readonly access: Access;
}

interface DeclaredRoute {
  readonly method: string;
  readonly operationId: string;
  readonly 'x-permission': string;
  readonly 'x-public-because'?: string;
  getRoutingPath(): string;
}

/** What `allow` or `openToAll` put into an operation. Throws for one that spreads neither, so that no process starts with it. */
export const accessOf = (route: DeclaredRoute): Access => {
  const declared = route['x-permission'];
  const because = route['x-public-because'];
  if (declared === 'public' && because) return { kind: 'public', because };
  if (declared === 'known' || declared === 'signedIn' || declared === 'instanceAdministrator') {
    return { kind: declared };
  }
  const permission = permissions.find((known) => known === declared);
  if (permission) return { kind: 'permission', permission };
  throw new Error(`The operation ${route.operationId} says neither which permission it needs nor why it is public.`);
};

const toEntry = (route: DeclaredRoute): RouteEntry => ({
  method: route.method.toUpperCase(),
  path: route.getRoutingPath(),
  access: accessOf(route),
});

export interface RouteTable {
  readonly entries: readonly RouteEntry[];
  has(route: Pick<RouteEntry, 'method' | 'path'>): boolean;
  /** The methods that the table knows for the path of a request; none when nothing is there. */
  methodsAt(path: string): readonly string[];
}

const keyOf = ({ method, path }: Pick<RouteEntry, 'method' | 'path'>): string => `${method} ${path}`;

/** A parameter may carry its own expression: `:version{[0-9]+}`. */
const shapeOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+(\{[^}]*\})?/g, '[^/]+')}$`);

export const createRouteTable = (
  operations: readonly { readonly route: DeclaredRoute }[],
  others: readonly RouteEntry[],
): RouteTable => {
  const entries = [...operations.map(({ route }) => toEntry(route)), ...others];
  const keys = new Set(entries.map(keyOf));
  const shapes = entries.map(({ method, path }) => ({ method, shape: shapeOf(path) }));
  return {
    entries,
    has: (route) => keys.has(keyOf(route)),
    methodsAt: (path) => [...new Set(shapes.filter(({ shape }) => shape.test(path)).map(({ method }) => method))],
  };
};
