import { Agent, request } from 'undici';
import type { Report } from '../report.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { median, percentile, rounded } from '../statistics.ts';

export interface IdentityFigures {
  /** Calls of each of the four kinds. */
  readonly calls: number;
  /** Median time for an address that somebody has, minus that for one that nobody has, in ms. */
  readonly signInDifferenceMs: number;
  readonly resetDifferenceMs: number;
  readonly signInMs: number;
  readonly resetMs: number;
}

const email = 'owner@example.org';
const password = 'seventeen quiet harbours';

/** Whether how long a refusal takes tells that an address has an account. One call at a time, the two kinds in turns. */
export const benchIdentity = async (
  { quick }: { readonly quick: boolean },
  report: Report,
): Promise<IdentityFigures> => {
  const calls = quick ? 40 : 500;
  // Whoever would measure that from outside is stopped after a few calls a minute.
  const unlimited = { EVERWAVE_SIGN_INS_PER_MINUTE: '1000000', EVERWAVE_ANONYMOUS_PER_MINUTE: '1000000' };
  const stage = await openStage({ processes: ['api'], environment: unlimited, progress: report.progress });
  const dispatcher = new Agent({ connections: 1, pipelining: 1 });
  try {
    const post = createPost(stage, dispatcher);
    const token = stage.setupToken ?? '';
    await post('/v1/setup', { token, name: 'Owner', email, password }, [200, 201]);

    let number = 0;
    const unknown = () => `nobody-${(number += 1)}@example.org`;
    const signIn = (address: string) =>
      post('/auth/sign-in/email', { email: address, password: 'another quiet harbour' }, [401, 422]);
    const reset = (address: string) => post('/v1/password-resets', { email: address }, [204]);
    const compare = async (what: string, ask: (address: string) => Promise<number>) => {
      report.progress(`${what}: ${calls} calls for an address that somebody has, and ${calls} for one that nobody has`);
      const [known, none]: [number[], number[]] = [[], []];
      // A first call loads what the others find.
      for (const address of [email, unknown()]) await ask(address);
      for (let call = 0; call < calls; call += 1) {
        const turns = [async () => known.push(await ask(email)), async () => none.push(await ask(unknown()))];
        for (const turn of call % 2 === 0 ? turns : turns.toReversed()) await turn();
      }
      return { what, known, none };
    };
    const all = [
      await compare('sign in with a wrong password', signIn),
      await compare('ask for a new password', reset),
    ];
    report.table(
      'What the time of an answer tells',
      all.map(({ what, known, none }) => ({
        what,
        'known p50 ms': rounded(median(known)),
        'unknown p50 ms': rounded(median(none)),
        'known p95 ms': rounded(percentile(known, 0.95)),
        'unknown p95 ms': rounded(percentile(none, 0.95)),
        'difference ms': rounded(median(known) - median(none)),
        goal: '< 5 either way',
      })),
    );
    const [signIns, resets] = all.map(({ known, none }) => ({
      difference: rounded(median(known) - median(none)),
      known: rounded(median(known)),
    }));
    return {
      calls,
      signInDifferenceMs: signIns?.difference ?? Number.NaN,
      resetDifferenceMs: resets?.difference ?? Number.NaN,
      signInMs: signIns?.known ?? Number.NaN,
      resetMs: resets?.known ?? Number.NaN,
    };
  } finally {
    await dispatcher.destroy();
    await stage.close();
  }
};

/** Milliseconds to the whole answer. Throws for one that is not expected: it would be measured as something else. */
const createPost =
  ({ apiUrl }: Stage, dispatcher: Agent) =>
  async (path: string, body: object, expected: readonly number[]): Promise<number> => {
    const begun = performance.now();
    const answer = await request(`${apiUrl}${path}`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    const milliseconds = performance.now() - begun;
    if (expected.includes(answer.statusCode)) return milliseconds;
    throw new Error(`POST ${path} answered ${answer.statusCode}: ${text.slice(0, 300)}`);
  };
