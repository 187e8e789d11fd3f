/** Where to go after signing in: a path of ours, never another site, whatever the address said. */
export const safeNext = (next: string | null): string => {
  if (!next || !next.startsWith('/') || /^\/[/\\]/.test(next)) return '/';
  const url = new URL(next, 'http://here');
  return url.origin === 'http://here' && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}` : '/';
};
