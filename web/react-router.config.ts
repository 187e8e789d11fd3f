import type { Config } from '@react-router/dev/config';

export default {
  ssr: true,
  // Few routes: the whole map travels with the first page, and no request reveals it piece by piece.
  routeDiscovery: { mode: 'initial' },
} satisfies Config;
