import type { CredentialDefinition } from '@everwave/schema/node';
import { smtpServer } from './connectors/email/credential.ts';
import { httpAuthentication } from './connectors/http/credential.ts';
import { slackBot } from './connectors/slack/credential.ts';

/** Every kind of connection a person can make. */
export const credentialDefinitions: readonly CredentialDefinition[] = [httpAuthentication, slackBot, smtpServer];
