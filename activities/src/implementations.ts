import { generateObject as anthropicGenerateObject } from './connectors/anthropic/generate-object/activity.ts';
import { generateText as anthropicGenerateText } from './connectors/anthropic/generate-text/activity.ts';
import { testAnthropicApi } from './connectors/anthropic/test-credential.ts';
import { run as codeRun } from './connectors/code/run/activity.ts';
import { sendEvent as controlSendEvent } from './connectors/control/send-event/activity.ts';
import { csvToJson as dataCsvToJson } from './connectors/data/csv-to-json/activity.ts';
import { jsonToCsv as dataJsonToCsv } from './connectors/data/json-to-csv/activity.ts';
import { transform as dataTransform } from './connectors/data/transform/activity.ts';
import { validate as dataValidate } from './connectors/data/validate/activity.ts';
import { send as emailSend } from './connectors/email/send/activity.ts';
import { testSmtpServer } from './connectors/email/test-credential.ts';
import { request as httpRequest } from './connectors/http/request/activity.ts';
import { testHttpAuthentication } from './connectors/http/test-credential.ts';
import { createEmbeddings as openaiCreateEmbeddings } from './connectors/openai/create-embeddings/activity.ts';
import { generateObject as openaiGenerateObject } from './connectors/openai/generate-object/activity.ts';
import { generateText as openaiGenerateText } from './connectors/openai/generate-text/activity.ts';
import { testOpenAiApi } from './connectors/openai/test-credential.ts';
import { postMessage as slackPostMessage } from './connectors/slack/post-message/activity.ts';
import { testSlackBot } from './connectors/slack/test-credential.ts';
import type { CredentialImplementation } from './runtime/implement-credential.ts';
import type { NodeImplementation } from './runtime/implement-node.ts';

/** Every working node, by its effect. One line per node, and one in `definitions.ts`. */
export const nodeImplementations = [
  // One node to a line: `pnpm new:node` adds below.
  anthropicGenerateObject,
  anthropicGenerateText,
  codeRun,
  controlSendEvent,
  dataCsvToJson,
  dataJsonToCsv,
  dataTransform,
  dataValidate,
  emailSend,
  httpRequest,
  openaiCreateEmbeddings,
  openaiGenerateObject,
  openaiGenerateText,
  slackPostMessage,
] as readonly NodeImplementation[];

/** How each kind of connection is tested. */
export const credentialImplementations = [
  testAnthropicApi,
  testHttpAuthentication,
  testOpenAiApi,
  testSlackBot,
  testSmtpServer,
] as readonly CredentialImplementation[];
