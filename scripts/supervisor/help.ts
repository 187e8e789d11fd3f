/** What `npm start -- --help` prints. Every setting, with its default, is described in .env.example. */
export const helpText = (): string => `Usage: npm start

Starts Everwave on this machine: Postgres, Temporal with its UI, api, worker and web. Ctrl-C stops everything; the next
start finds all data.

Settings are environment variables, or lines of a file named .env beside package.json. The ones most asked for:

  EVERWAVE_DATA          folder that holds all state (.everwave)
  EVERWAVE_HOST          address to listen on (127.0.0.1)
  EVERWAVE_WEB_PORT      port of the web (3000)
  EVERWAVE_API_PORT      port of the api and of webhooks (3001)
  EVERWAVE_URL           address under which browsers reach the web
  DATABASE_URL           a Postgres 15 or later of your own
  TEMPORAL_ADDRESS       a Temporal server of your own
  EVERWAVE_SECRET_KEY    base64 of 32 bytes; without it a key is made and kept in the data folder
  EVERWAVE_DEMO          0 turns the demo off: no e-mail catcher, no stand-ins for vendors

.env.example describes all of them. npm run doctor checks whether this machine has what is needed.
`;
