import type { Hono } from 'hono';
import { faultSchema, type Faults } from './faults.ts';
import { renderPage } from './page.ts';
import type { FakeEnvironment } from './serve-fake.ts';
import { scriptedReplySchema, type ModelScript } from './model-script.ts';

/** One call as the fake received it. */
export interface ModelCall {
  readonly at: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** What it was asked, and what it answered, for the page. */
  prompt: string;
  answer: string;
}

const mostCalls = 500;

/** The list of calls, the page that shows them, and the switches for faults and replies, alike for every vendor. */
export const addModelRoutes = (
  app: Hono<FakeEnvironment>,
  { title, calls, faults, script }: { title: string; calls: ModelCall[]; faults: Faults; script: ModelScript },
): void => {
  app.get('/', (context) =>
    renderPage(context, {
      title,
      hint: 'What the demo asks a language model ends here instead of at the vendor, and costs nothing.',
      entries: calls.toReversed().map(({ at, path, body, prompt, answer }) => ({
        title: String(body['model']),
        facts: [
          ['At', at],
          ['Call', path],
          ['Asked', prompt],
        ],
        text: answer,
      })),
    }),
  );
  app.get('/calls', (context) =>
    context.json({ calls: calls.map(({ at, path, body, answer }) => ({ at, path, body, answer })) }),
  );
  app.post('/_fake/faults', async (context) => {
    faults.add(faultSchema.parse(await context.req.json()));
    return context.body(null, 204);
  });
  app.delete('/_fake/faults', (context) => {
    faults.clear();
    return context.body(null, 204);
  });
  app.post('/_fake/replies', async (context) => {
    script.add(scriptedReplySchema.parse(await context.req.json()));
    return context.body(null, 204);
  });
};

export const keepCall = (calls: ModelCall[], call: ModelCall): ModelCall => {
  calls.push(call);
  calls.splice(0, Math.max(0, calls.length - mostCalls));
  return call;
};
