export { fakeAnthropicKey, startAnthropicFake, type AnthropicFake } from './connectors/anthropic/fake.ts';
export {
  startMailFake,
  type CaughtMessage,
  type MailFake,
  type MailFakeOptions,
  type MailFault,
} from './connectors/email/fake.ts';
export { fakeToken, startHttpFake, type HttpFake, type ReceivedRequest } from './connectors/http/fake.ts';
export { fakeOpenAiKey, startOpenAiFake, type OpenAiFake } from './connectors/openai/fake.ts';
export { fakeBotToken, startSlackFake, type FakeMessage, type SlackFake } from './connectors/slack/fake.ts';
export type { Fault, Faults } from './fakes/faults.ts';
export type { ModelCall } from './fakes/model-routes.ts';
export type { ModelScript, ScriptedReply } from './fakes/model-script.ts';
export type { FakeAddress, RunningFake } from './fakes/serve-fake.ts';
