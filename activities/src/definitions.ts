import {
  toCredentialManifest,
  toManifest,
  type AnyNodeDefinition,
  type CredentialDefinition,
  type CredentialManifest,
  type NodeManifest,
} from '@everwave/schema/node';
import { anthropicApi } from './connectors/anthropic/credential.ts';
import { anthropicGenerateObject } from './connectors/anthropic/generate-object/definition.ts';
import { anthropicGenerateText } from './connectors/anthropic/generate-text/definition.ts';
import { codeRun } from './connectors/code/run/definition.ts';
import { controlSendEvent } from './connectors/control/send-event/definition.ts';
import { dataCsvToJson } from './connectors/data/csv-to-json/definition.ts';
import { dataJsonToCsv } from './connectors/data/json-to-csv/definition.ts';
import { dataTransform } from './connectors/data/transform/definition.ts';
import { dataValidate } from './connectors/data/validate/definition.ts';
import { smtpServer } from './connectors/email/credential.ts';
import { emailSend } from './connectors/email/send/definition.ts';
import { httpAuthentication } from './connectors/http/credential.ts';
import { httpRequest } from './connectors/http/request/definition.ts';
import { openaiCreateEmbeddings } from './connectors/openai/create-embeddings/definition.ts';
import { openaiApi } from './connectors/openai/credential.ts';
import { openaiGenerateObject } from './connectors/openai/generate-object/definition.ts';
import { openaiGenerateText } from './connectors/openai/generate-text/definition.ts';
import { slackBot } from './connectors/slack/credential.ts';
import { slackPostMessage } from './connectors/slack/post-message/definition.ts';

/** Every working node, by its contract. Pure: this door reaches no Node code and no vendor's library. */
export const nodeDefinitions: readonly AnyNodeDefinition[] = [
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
];

/** Every kind of connection a person can make. */
export const credentialDefinitions: readonly CredentialDefinition[] = [
  anthropicApi,
  httpAuthentication,
  openaiApi,
  slackBot,
  smtpServer,
];

/** The same as data, for palette, forms, validation and the compiler. */
export const manifests = (): {
  readonly nodes: readonly NodeManifest[];
  readonly credentials: readonly CredentialManifest[];
} => ({
  nodes: nodeDefinitions.map(toManifest),
  credentials: credentialDefinitions.map(toCredentialManifest),
});
