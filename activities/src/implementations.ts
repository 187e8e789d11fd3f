import { csvToJson as dataCsvToJson } from './connectors/data/csv-to-json/activity.ts';
import { jsonToCsv as dataJsonToCsv } from './connectors/data/json-to-csv/activity.ts';
import { transform as dataTransform } from './connectors/data/transform/activity.ts';
import { validate as dataValidate } from './connectors/data/validate/activity.ts';
import { send as emailSend } from './connectors/email/send/activity.ts';
import { testSmtpServer } from './connectors/email/test-credential.ts';
import { request as httpRequest } from './connectors/http/request/activity.ts';
import { testHttpAuthentication } from './connectors/http/test-credential.ts';
import { postMessage as slackPostMessage } from './connectors/slack/post-message/activity.ts';
import { testSlackBot } from './connectors/slack/test-credential.ts';
import type { CredentialImplementation } from './runtime/implement-credential.ts';
import type { NodeImplementation } from './runtime/implement-node.ts';

/** Every working node, by its effect. One line per node, and one in `definitions.ts`. */
export const nodeImplementations = [
  // One node to a line: `pnpm new:node` adds below.
  dataCsvToJson,
  dataJsonToCsv,
  dataTransform,
  dataValidate,
  emailSend,
  httpRequest,
  slackPostMessage,
] as readonly NodeImplementation[];

/** How each kind of connection is tested. */
export const credentialImplementations = [
  testHttpAuthentication,
  testSlackBot,
  testSmtpServer,
] as readonly CredentialImplementation[];
