import { randomUUID } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import type { Json } from '@everwave/schema/flow';
import { additionalData } from '@everwave/temporal/encryption';
import { keepBlob, sealShown, type Shown } from '@everwave/temporal/values';
import { and, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGraveyard, type Graveyard } from '../testing/dead-letters.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../testing/test-api.ts';
import { createRepairer } from './repairer.ts';

const { auditEvents, deadLetters, repairJobs } = tables;

let api: TestApi;
let org: TestOrg;
let operator: Call;
let grave: Graveyard;

beforeAll(async () => {
  api = await createTestApi({ limits: { callsPerMinute: 100_000 } });
});
afterAll(() => api.close());

beforeEach(async () => {
  // What the test before left open is none of this one's.
  await withSystem(api.db, (tx) => tx.update(repairJobs).set({ settledAt: new Date() }));
  org = await api.createOrg();
  operator = await org.as('operator');
  grave = await createGraveyard(api, org);
  api.temporal.repairs.length = 0;
  api.temporal.down = false;
  api.temporal.repairResult = { ok: true, reply: { status: 'running' } };
});

const bury = async (count: number) => {
  const letters = [];
  for (let index = 0; index < count; index += 1) letters.push(await grave.bury());
  return letters;
};

const path = () => `/v1/dead-letter-groups/${grave.fingerprint}`;
const begin = async (body: object = { action: 'retry' }) => {
  const { status, body: job } = await operator(`POST ${path()}/repairs`, body);
  expect(status).toBe(202);
  return job;
};
const read = async (id: string) => (await operator(`GET /v1/repair-jobs/${id}`)).body;
const outcomes = async (id: string): Promise<string[]> =>
  (await operator(`GET /v1/repair-jobs/${id}/letters?limit=100`)).body.items.map(
    ({ outcome }: { outcome: string }) => outcome,
  );
/** As if the time until the next look had passed. */
const round = async (times = 1): Promise<void> => {
  for (let count = 0; count < times; count += 1) {
    await withSystem(api.db, (tx) => tx.update(repairJobs).set({ nextAt: sql`now() - interval '1 second'` }));
    await api.dependencies.repairer.round();
  }
};
const sentTo = () => api.temporal.repairs.map(({ run }) => run.runId);

describe('the repair of a group', () => {
  it('says in numbers what it would do, and does nothing', async () => {
    await bury(3);
    const { body, status } = await operator(`POST ${path()}/repairs/preview`, { action: 'retry' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ letters: 3, runs: 3, left: 0, repeated: 0, effects: { none: 3 } });
    expect(body.words).toBe(
      'Runs 3 steps again in 3 runs; nothing before them runs again. One goes first; the rest follow only when it has succeeded.',
    );
    await round();
    expect(api.temporal.repairs).toEqual([]);
  });

  it('sends one, waits until its step has succeeded, and then the rest', async () => {
    const letters = await bury(4);
    const [canary, ...rest] = letters.map(({ runId }) => runId);
    const { id } = await begin();
    await round(3);
    expect(sentTo()).toEqual([canary]);
    expect(await read(id)).toMatchObject({ status: 'canary', counts: { underWay: 1, waiting: 3 } });

    await grave.settle(canary ?? '', 'succeeded');
    await round(2);
    expect(sentTo()).toEqual([canary, ...rest]);
    expect(await read(id)).toMatchObject({ status: 'running', counts: { repaired: 1, underWay: 3, waiting: 0 } });
    for (const runId of rest) await grave.settle(runId, 'succeeded');
    await round();
    expect(await read(id)).toMatchObject({
      status: 'done',
      counts: { total: 4, repaired: 4 },
      finishedAt: expect.any(String),
      settledAt: expect.any(String),
    });
    const ids = api.temporal.repairs.map(({ request }) => request.requestId);
    expect(ids).toEqual(letters.map(() => `${id}/send~1`));
    expect(api.temporal.repairs[0]?.request).toMatchObject({
      by: { role: 'operator' },
      path: 'send',
      letter: { path: 'send', ordinal: 1 },
    });
  });

  it.each([
    ['parks again', 'needs_attention', 'http_error: The shop answered 500.'],
    ['is cancelled', 'cancelled', 'http_error: The shop answered 500.'],
  ] as const)('stops when the first run %s, and leaves the rest untouched', async (_what, status, detail) => {
    const letters = await bury(3);
    const { id } = await begin();
    await round();
    await grave.settle(letters[0]?.runId ?? '', status, { name: 'http_error', message: 'The shop answered 500.' });
    await round(3);
    const job = await read(id);
    expect(job).toMatchObject({ status: 'stopped', counts: { failedAgain: 1, untouched: 2, waiting: 0 } });
    expect(job.reason).toContain(detail);
    expect(sentTo()).toHaveLength(1);
    // Nothing stands in the way of another try.
    await begin();
  });

  it('stops when the first run refuses the repair', async () => {
    await bury(2);
    api.temporal.repairResult = { ok: false, reason: 'output_does_not_fit', message: 'It wants a number.' };
    const { id } = await begin({ action: 'complete', output: 'text' });
    await round(2);
    expect(await read(id)).toMatchObject({
      status: 'stopped',
      reason: 'The first run refused the repair: It wants a number. The others are untouched.',
      counts: { refused: 1, untouched: 1 },
    });
  });

  it('stops when too many fail again although the first one went well', async () => {
    const letters = await bury(12);
    const { id } = await begin({ action: 'retry', ratePerSecond: 6 });
    await round();
    await grave.settle(letters[0]?.runId ?? '', 'succeeded');
    await round(2);
    for (const { runId } of letters.slice(1, 7)) await grave.settle(runId, 'needs_attention');
    await round();
    const job = await read(id);
    expect(job).toMatchObject({ status: 'stopped', counts: { repaired: 1, failedAgain: 6 } });
    expect(job.counts.untouched).toBeGreaterThan(0);
  });

  it('begins no more than so many per round', async () => {
    await bury(7);
    await begin({ action: 'skip', canary: false, ratePerSecond: 3 });
    await round();
    expect(sentTo()).toHaveLength(3);
    await api.dependencies.repairer.round();
    expect(sentTo()).toHaveLength(3);
    await round(2);
    expect(sentTo()).toHaveLength(7);
  });

  it('takes the next one as canary when somebody has decided the first', async () => {
    const [first, second] = await bury(3);
    const { id } = await begin();
    await withSystem(api.db, (tx) =>
      tx
        .update(deadLetters)
        .set({ resolvedAt: new Date(), resolution: 'completed', resolvedBy: 'Grace' })
        .where(eq(deadLetters.id, first?.id ?? '')),
    );
    await round(2);
    expect(sentTo()).toEqual([second?.runId]);
    const { items } = (await operator(`GET /v1/repair-jobs/${id}/letters`)).body;
    expect(items[0]).toMatchObject({ outcome: 'skipped', detail: 'Decided meanwhile: completed by Grace.' });
  });

  it('skips what a run says was decided before the list knew', async () => {
    await bury(2);
    api.temporal.repairResult = { ok: false, reason: 'dead_letter_closed', message: 'It was decided.' };
    const { id } = await begin();
    await round(4);
    expect(await outcomes(id)).toEqual(['skipped', 'skipped']);
    expect(await read(id)).toMatchObject({ status: 'done', counts: { skipped: 2 } });
  });

  it('applies an edit to the input of each, and refuses one that never had any', async () => {
    await grave.bury({ input: { to: 'ada@example.com', text: 'Hello', cc: 'x@example.com' } });
    await grave.bury({ input: { to: 'bob@example.com', text: 'Hi' } });
    await grave.bury({ input: null });
    const edit = { text: 'Sorry', cc: null };
    const { id } = await begin({ action: 'retry', edit, canary: false });
    await round();
    expect(api.temporal.repairs.map(({ request }) => request.input)).toEqual([
      { to: 'ada@example.com', text: 'Sorry' },
      { to: 'bob@example.com', text: 'Sorry' },
    ]);
    expect(await outcomes(id)).toEqual(['sent', 'sent', 'refused']);
  });

  it('refuses one whose input does not open, and goes on with the others', async () => {
    const broken = await grave.bury();
    await grave.bury();
    await withSystem(api.db, (tx) =>
      tx
        .update(deadLetters)
        .set({ inputSealed: new Uint8Array([1, 2, 3]) })
        .where(eq(deadLetters.id, broken.id)),
    );
    const { id } = await begin({ action: 'retry', edit: { text: 'Sorry' }, canary: false });
    await round();
    expect(await outcomes(id)).toEqual(['refused', 'sent']);
  });

  it('applies an edit to a large input, hands it on where the run has references, and refuses one that is too large or gone', async () => {
    const buryReference = async (input: Json) => {
      const buried = await grave.bury();
      const use = { orgId: org.orgId, runId: buried.runId, path: 'fetch', ordinal: 1, name: 'output' };
      const content = Buffer.from(JSON.stringify(input));
      const sha256 = await keepBlob(api.db, api.ring, use, { content, mediaType: 'application/json' });
      return { ...buried, reference: { ref: `blob:${sha256}`, sha256, bytes: content.length, preview: '{"to":' } };
    };
    type Buried = Awaited<ReturnType<typeof buryReference>>;
    const seal = async ({ id, runId }: Buried, shown: Shown) => {
      const binding = additionalData.deadLetterInput(runId, 'send', 1);
      const inputSealed = await sealShown(api.ring, org.orgId, shown, binding);
      await withSystem(api.db, (tx) => tx.update(deadLetters).set({ inputSealed }).where(eq(deadLetters.id, id)));
    };
    const recipeFor = ({ reference: { sha256 } }: Buried, bytes: number): Shown => ({
      recipe: {
        work: { type: 'template', template: { to: 'bob', text: '{{ steps.fetch.output.text }}' }, field: '' },
        scope: { steps: {} },
        references: [{ path: ['steps', 'fetch', 'output'], sha256, bytes }],
        now: 0,
        seed: 1,
      },
    });
    const text = 'x'.repeat(100_000);
    const whole = await buryReference({ to: 'ada', text });
    await seal(whole, { reference: whole.reference });
    const made = await buryReference({ text });
    await seal(made, recipeFor(made, made.reference.bytes));
    const tooLarge = await buryReference({ to: 'eve', text: 'x'.repeat(1_100_000) });
    await seal(tooLarge, { reference: tooLarge.reference });
    const madeOfMuch = await buryReference({ text });
    await seal(madeOfMuch, recipeFor(madeOfMuch, 100_000_000));
    const gone = await buryReference({ text: 'gone' });
    await seal(gone, { reference: { ...gone.reference, sha256: 'f'.repeat(64) } });

    const { body } = await operator(`GET /v1/dead-letters/${whole.id}`);
    expect(body).toMatchObject({ inputReference: whole.reference });
    expect(body).not.toHaveProperty('input');

    const { id } = await begin({ action: 'retry', edit: { subject: 'Sorry' }, canary: false });
    await round();
    expect(api.temporal.repairs.map(({ request: { input, edit: handedOn } }) => handedOn ?? input)).toEqual([
      { to: 'ada', text, subject: 'Sorry' },
      { subject: 'Sorry' },
      { subject: 'Sorry' },
    ]);
    const { items } = (await operator(`GET /v1/repair-jobs/${id}/letters`)).body;
    expect(items.map(({ outcome, detail }: { outcome: string; detail: string }) => [outcome, detail])).toEqual([
      ['sent', null],
      ['sent', null],
      ['refused', expect.stringMatching(/^The input has \d+ bytes as JSON; 1048576 are possible/)],
      ['sent', null],
      ['refused', expect.stringMatching(/^The value f+ is no longer stored\. Restore it from a backup/)],
    ]);
  });

  it('leaves alone what may have had its effect, unless it is told to repeat', async () => {
    await grave.bury({ failure: { unsure: true } });
    const sure = await grave.bury();
    const preview = async (body: object) => (await operator(`POST ${path()}/repairs/preview`, body)).body;
    expect(await preview({ action: 'retry' })).toMatchObject({ letters: 1, left: 1, effects: { none: 1, unsure: 0 } });
    const repeating = await preview({ action: 'retry', doubtful: 'repeat' });
    expect(repeating).toMatchObject({ letters: 2, left: 0, repeated: 1, effects: { none: 1, unsure: 1 } });
    expect(repeating.words).toContain('1 effect may happen a second time.');
    expect(repeating.canary).toEqual({ deadLetterId: sure.id, runId: sure.runId });
    expect(await preview({ action: 'skip' })).toMatchObject({ letters: 2, repeated: 0 });
  });

  it('is refused where nothing is to be repaired, and where there is no such group', async () => {
    await grave.bury({ failure: { unsure: true } });
    const refused = await operator(`POST ${path()}/repairs`, { action: 'retry' });
    expect([refused.status, refused.body.code]).toEqual([409, 'nothing_to_repair']);
    const unknown = await operator(`POST /v1/dead-letter-groups/${'0'.repeat(64)}/repairs`, { action: 'retry' });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'dead_letter_group_not_found']);
  });
});

describe('two at once', () => {
  it('the second operator gets one typed refusal that names the first', async () => {
    await bury(2);
    const answers = await Promise.all([1, 2, 3].map(() => operator(`POST ${path()}/repairs`, { action: 'retry' })));
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(2);
    const refused = answers.find(({ status }) => status === 409)?.body;
    const begun = answers.find(({ status }) => status === 202)?.body;
    expect(refused).toMatchObject({ code: 'repair_in_progress', errors: [{ path: begun.id }] });
    expect(refused.detail).toContain('operator key');
  });

  it('the same request is one job, and another request under its id is refused', async () => {
    await bury(2);
    const requestId = randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => begin({ action: 'retry', requestId })));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    const other = await operator(`POST ${path()}/repairs`, { action: 'skip', requestId });
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_key_reused']);
  });

  it('two processes send no letter under two ids', async () => {
    await bury(6);
    const { id } = await begin({ action: 'skip', canary: false, ratePerSecond: 20 });
    const other = createRepairer(api.dependencies);
    await Promise.all([api.dependencies.repairer.round(), other.round()]);
    expect(sentTo()).toHaveLength(6);
    expect(new Set(sentTo()).size).toBe(6);
    expect(await read(id)).toMatchObject({ status: 'done' });
  });
});

describe('a job', () => {
  it('goes on after the process that had it died between two letters, under the same update id', async () => {
    const letters = await bury(3);
    const { id } = await begin({ action: 'retry', canary: false });
    // A process noted that it sends the first one, and died before it noted the answer.
    await withSystem(api.db, async (tx) => {
      const { repairJobLetters } = tables;
      await tx
        .update(repairJobLetters)
        .set({ outcome: 'sending' })
        .where(and(eq(repairJobLetters.jobId, id), eq(repairJobLetters.position, 0)));
    });
    await round();
    expect(sentTo()).toEqual(letters.map(({ runId }) => runId));
    expect(await outcomes(id)).toEqual(['sent', 'sent', 'sent']);
  });

  it('waits while Temporal is away, says so, and goes on', async () => {
    await bury(2);
    api.temporal.down = true;
    const { id } = await begin();
    await round(2);
    expect(await read(id)).toMatchObject({ status: 'canary', counts: { waiting: 2 } });
    expect((await read(id)).reason).toContain('Temporal does not answer');
    api.temporal.down = false;
    await round();
    expect(await read(id)).toMatchObject({ reason: null, counts: { underWay: 1, waiting: 1 } });
  });

  it('that is cancelled begins no further letter, and lets what was sent end', async () => {
    const letters = await bury(3);
    const { id } = await begin();
    await round();
    const { body } = await operator(`POST /v1/repair-jobs/${id}/cancel`);
    expect(body).toMatchObject({ status: 'cancelled', cancelledBy: 'operator key', counts: { untouched: 2 } });
    await round();
    expect(await read(id)).toMatchObject({ counts: { underWay: 1 }, settledAt: null });
    await grave.settle(letters[0]?.runId ?? '', 'succeeded');
    await round();
    expect(await read(id)).toMatchObject({ status: 'cancelled', counts: { repaired: 1, untouched: 2 } });
    expect(sentTo()).toHaveLength(1);
    expect((await operator(`POST /v1/repair-jobs/${id}/cancel`)).body.status).toBe('cancelled');
  });

  it('leaves its traces in the audit log', async () => {
    await bury(1);
    const { id } = await begin({ action: 'skip' });
    await round(3);
    const actions = await withSystem(api.db, (tx) =>
      tx
        .select({ action: auditEvents.action, actor: auditEvents.actorName })
        .from(auditEvents)
        .where(eq(auditEvents.orgId, org.orgId))
        .orderBy(auditEvents.id),
    );
    expect(actions.filter(({ action }) => /repair/.test(action)).map(({ action }) => action)).toEqual([
      'dead_letters.repair_started',
      'run.repair_requested',
      'run.repaired',
      'dead_letters.repair_done',
    ]);
    expect(new Set(actions.slice(-4).map(({ actor }) => actor))).toEqual(new Set(['operator key']));
    expect((await operator('GET /v1/repair-jobs')).body.items.map((job: { id: string }) => job.id)).toEqual([id]);
  });

  it('is for operators: a viewer may look and no more', async () => {
    await bury(1);
    const { id } = await begin();
    const viewer = await org.as('viewer');
    expect((await viewer(`GET /v1/repair-jobs/${id}`)).status).toBe(200);
    for (const operation of [
      `POST ${path()}/repairs`,
      `POST ${path()}/repairs/preview`,
      `POST /v1/repair-jobs/${id}/cancel`,
    ]) {
      const { status, body } = await viewer(operation, { action: 'retry' });
      expect([operation, status, body.code]).toEqual([operation, 403, 'not_allowed']);
    }
  });
});
