import type { Environment } from '../env.ts';
import type { NewConnection } from '../services/connections/create-connection.ts';
import type { SampleConnections } from './sample-flow.ts';

type Demo = NonNullable<Environment['demo']>;

/** Connections to the demo's own fakes. A person puts real credentials into them to reach the real services. */
export const demoConnections = ({
  host,
  http,
  smtp,
  slack,
  openai,
  anthropic,
}: Demo): Record<keyof SampleConnections | 'openai' | 'anthropic', NewConnection> => ({
  http: {
    name: 'Demo shop API',
    kind: 'http.authentication',
    settings: { baseUrl: `http://${host}:${http}`, scheme: 'bearer', testPath: '/me' },
    secret: { value: 'demo-token-7f3a' },
  },
  email: {
    name: 'Demo mail server',
    kind: 'email.smtp',
    settings: { host, port: smtp, security: 'none', from: 'orders@example.com' },
    secret: {},
  },
  slack: {
    name: 'Demo Slack',
    kind: 'slack.bot',
    settings: { baseUrl: `http://${host}:${slack}/api` },
    secret: { botToken: 'xoxb-everwave-demo-2f8c41d09b' },
  },
  openai: {
    name: 'Demo OpenAI',
    kind: 'openai.api',
    settings: { baseUrl: `http://${host}:${openai}/v1` },
    secret: { apiKey: 'sk-everwave-demo-51c0a7e3' },
  },
  anthropic: {
    name: 'Demo Anthropic',
    kind: 'anthropic.api',
    settings: { baseUrl: `http://${host}:${anthropic}` },
    secret: { apiKey: 'sk-ant-everwave-demo-9d2f41b6' },
  },
});
