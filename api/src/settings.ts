import type { TrustedProxies } from '@everwave/schema/network';

/** What the API must know about its surroundings; made from the environment by `env.ts`, by hand in tests. */
export interface Settings {
  readonly version: string;
  /** Public address of the web app; the only origin browsers may call us from. No slash at the end. */
  readonly webUrl: string;
  /** Public address of this API: hooks and codec. No slash at the end. */
  readonly apiUrl: string;
  /** Address of the Temporal UI, or null when there is none to link to. */
  readonly temporalUiUrl: string | null;
  readonly temporalNamespace: string;
  /** Whose `X-Forwarded-For` is believed; the web server is one of them. */
  readonly trustedProxies: TrustedProxies;
  /** What a reader of `/metrics` must send; null lets this machine alone read them. */
  readonly metricsToken: string | null;
  /** People may sign up by themselves; otherwise they come by invitation. */
  readonly isSignUpOpen: boolean;
  /** Who may make another org: the administrators of the installation, or everybody who has an account. */
  readonly orgCreation: 'administrators' | 'everybody';
  readonly limits: Limits;
}

export interface Limits {
  /** Requests per minute of one caller to /v1. */
  readonly callsPerMinute: number;
  /** Requests per minute of all callers of one org together. */
  readonly orgCallsPerMinute: number;
  /** Requests per minute of one address that is not signed in. */
  readonly anonymousPerMinute: number;
  /** Sign-in attempts per minute for one account; and mails with links that are asked for it. */
  readonly signInsPerMinute: number;
  /** Event streams that one caller may have open. A browser has one per visible tab. */
  readonly streamsPerCaller: number;
  /** Event streams that may be open in this process. */
  readonly streamsInAll: number;
  /** Deliveries per second to one webhook. */
  readonly deliveriesPerSecond: number;
  /** Deliveries being committed at once; more are answered 503 so that the sender repeats them. */
  readonly deliveriesAtOnce: number;
  /** Bytes of all files of one delivery together. */
  readonly deliveryFileBytes: number;
  /** Deliveries with files that may be on their way at once, and of these to one webhook; more are answered 503. */
  readonly formsAtOnce: number;
  readonly formsAtOncePerHook: number;
  /** Milliseconds until a delivery with files must have come. */
  readonly formTimeout: number;
  /** Milliseconds until a delivery that cannot be committed is answered 503. */
  readonly deliveryTimeout: number;
  /** Milliseconds that a caller waits for the answer of its run; then it is told where the run is. */
  readonly answerTimeout: number;
  /** Callers that this process holds at once; more are told at once where their run is. */
  readonly callersAtOnce: number;
  /** Bytes of the head of a request. */
  readonly headerBytes: number;
  /** Milliseconds until the head of a request must have come. */
  readonly headerTimeout: number;
  /** Milliseconds until a whole request must have come. */
  readonly requestTimeout: number;
}

export const defaultLimits: Limits = {
  callsPerMinute: 1_200,
  orgCallsPerMinute: 12_000,
  anonymousPerMinute: 300,
  signInsPerMinute: 10,
  streamsPerCaller: 20,
  streamsInAll: 500,
  deliveriesPerSecond: 200,
  deliveriesAtOnce: 100,
  deliveryFileBytes: 268_435_456,
  formsAtOnce: 8,
  formsAtOncePerHook: 4,
  formTimeout: 120_000,
  deliveryTimeout: 3_000,
  answerTimeout: 30_000,
  callersAtOnce: 500,
  headerBytes: 16_384,
  headerTimeout: 10_000,
  requestTimeout: 180_000,
};

export const runUrl = ({ webUrl }: Settings, runId: string): string => `${webUrl}/runs/${runId}`;

export const hookUrl = ({ apiUrl }: Settings, token: string): string => `${apiUrl}/hooks/${token}`;

/** The execution's page in the Temporal UI. */
export const temporalRunUrl = (
  { temporalUiUrl, temporalNamespace }: Settings,
  workflowId: string,
  temporalRunId: string | null,
): string | null => {
  if (!temporalUiUrl) return null;
  const workflow = `${temporalUiUrl}/namespaces/${encodeURIComponent(temporalNamespace)}/workflows/${encodeURIComponent(workflowId)}`;
  return temporalRunId ? `${workflow}/${temporalRunId}/history` : workflow;
};
