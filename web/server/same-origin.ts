const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]']);
const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/** `http://localhost:3000` and `http://127.0.0.1:3000` are the same server when the public address is on this machine. */
const isSameServer = (candidate: URL, publicUrl: URL): boolean =>
  candidate.origin === publicUrl.origin ||
  (loopbackNames.has(candidate.hostname) &&
    loopbackNames.has(publicUrl.hostname) &&
    candidate.port === publicUrl.port &&
    candidate.protocol === publicUrl.protocol);

export interface OriginCheck {
  readonly method: string;
  readonly origin: string | undefined;
  readonly publicUrl: URL;
}

/**
 * True when a request that changes something comes from our own pages. Browsers send `Origin` with every such request,
 * so its absence is a refusal, not a pass.
 */
export const isSameOrigin = ({ method, origin, publicUrl }: OriginCheck): boolean => {
  if (reading.has(method)) return true;
  if (!origin || !URL.canParse(origin)) return false;
  return isSameServer(new URL(origin), publicUrl);
};

/**
 * Where to send a page request that used another name for this machine: cookies belong to one name, and a person who is
 * signed in on `127.0.0.1` would be a stranger on `localhost`. Null when the name is already right.
 */
export const canonicalAddress = (host: string | undefined, path: string, publicUrl: URL): string | null => {
  if (!host || host === publicUrl.host) return null;
  const asked = `${publicUrl.protocol}//${host}`;
  if (!URL.canParse(asked) || !isSameServer(new URL(asked), publicUrl)) return null;
  return `${publicUrl.origin}${path}`;
};
