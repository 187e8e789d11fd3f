import * as api from '@everwave/schema/api';
import type { Context, Hono } from 'hono';
import { answer, page, problem } from './answers.ts';
import { idOf } from './ids.ts';
import type { World } from './world.ts';

/** How many looks a repair takes until it is done. */
const looks = 3;

/** A repair, and what it repairs. */
interface Entry {
  job: api.RepairJob;
  looked: number;
  readonly letters: readonly string[];
}

type State = api.DeadLetterState;
const stateOf = ({ resolvedAt, dismissal }: api.DeadLetter): State =>
  resolvedAt !== null ? 'resolved' : dismissal ? 'dismissed' : 'open';

/** Letters, groups and their repairs: a job goes one step further with every look at it. */
export const addDeadLetters = (app: Hono, world: () => World): void => {
  const known = new WeakMap<World, Map<string, Entry>>();
  /** Of this world alone: another one has repairs of its own. */
  const jobs = (): Map<string, Entry> => {
    const found = known.get(world()) ?? new Map<string, Entry>();
    known.set(world(), found);
    return found;
  };
  const letters = (state: State) => world().deadLetters.filter((letter) => stateOf(letter) === state);
  const asked = (c: Context): State => (c.req.query('state') ?? 'open') as State;
  const open = () => letters('open').length;
  const nodeOf = (letter: api.DeadLetter) =>
    world()
      .runs.get(letter.runId)
      ?.graph.nodes.find(({ id }) => id === letter.stepId);
  const openJob = (fingerprint: string) =>
    [...jobs().values()].find(({ job }) => job.fingerprint === fingerprint && job.finishedAt === null)?.job.id ?? null;
  const change = (ids: readonly string[], changes: Partial<api.DeadLetter>): void => {
    const all = world().deadLetters;
    for (const [at, letter] of all.entries()) if (ids.includes(letter.id)) all[at] = { ...letter, ...changes };
  };

  const describe = (of: readonly api.DeadLetter[]): Omit<api.DeadLetterGroup, 'letters' | 'runs'> | null => {
    const [newest] = of;
    if (!newest) return null;
    const times = of.map(({ openedAt }) => openedAt).toSorted();
    return {
      fingerprint: newest.fingerprint,
      flowId: newest.flowId,
      flowName: newest.flowName,
      stepId: newest.stepId,
      stepTitle: nodeOf(newest)?.title ?? newest.stepId,
      nodeKind: nodeOf(newest)?.kind ?? null,
      failure: newest.failure,
      firstSeenAt: times[0] ?? '',
      lastSeenAt: times.at(-1) ?? '',
      repairJobId: openJob(newest.fingerprint) as api.DeadLetterGroup['repairJobId'],
    };
  };
  const ofGroup = (c: Context) =>
    world().deadLetters.filter(({ fingerprint }) => fingerprint === c.req.param('fingerprint'));
  const noGroup = (c: Context) => problem(c, 404, 'dead_letter_group_not_found', 'There is no such group here.');

  app.get('/v1/dead-letters', (c) => {
    const fingerprint = c.req.query('fingerprint');
    const found = letters(asked(c)).filter((letter) => !fingerprint || letter.fingerprint === fingerprint);
    return answer(c, api.deadLetterListSchema, { ...page(c, found), open: open() });
  });
  app.get('/v1/dead-letters/:id', (c) => {
    const letter = world().deadLetters.find(({ id }) => id === c.req.param('id'));
    return letter ? detail(c, letter) : problem(c, 404, 'dead_letter_not_found', 'There is no such dead letter here.');
  });
  const detail = (c: Context, letter: api.DeadLetter) =>
    answer(c, api.deadLetterDetailSchema, {
      ...letter,
      stepTitle: nodeOf(letter)?.title ?? letter.stepId,
      nodeKind: nodeOf(letter)?.kind ?? null,
      effect: letter.failure.unsure ? 'unsure' : 'none',
      repairJobId: null,
    });
  app.post('/v1/dead-letters/:id/dismiss', async (c) => {
    const { reason } = api.dismissRequestSchema.parse(await c.req.json());
    change([c.req.param('id')], { dismissal: { at: new Date().toISOString(), by: 'Mara Lindqvist', reason } });
    const letter = world().deadLetters.find(({ id }) => id === c.req.param('id'));
    return letter ? detail(c, letter) : problem(c, 404, 'dead_letter_not_found', 'There is no such dead letter here.');
  });

  app.get('/v1/dead-letter-groups', (c) => {
    const groups = [...Map.groupBy(letters(asked(c)), ({ fingerprint }) => fingerprint).values()].flatMap((of) => {
      const about = describe(of);
      return about ? [{ ...about, letters: of.length, runs: new Set(of.map(({ runId }) => runId)).size }] : [];
    });
    return answer(c, api.deadLetterGroupListSchema, { ...page(c, groups), open: open() });
  });
  app.get('/v1/dead-letter-groups/:fingerprint', (c) => {
    const of = ofGroup(c);
    const about = describe(of);
    if (!about) return noGroup(c);
    const counts = {
      open: of.filter((letter) => stateOf(letter) === 'open').length,
      dismissed: of.filter((letter) => stateOf(letter) === 'dismissed').length,
      resolved: of.filter((letter) => stateOf(letter) === 'resolved').length,
    };
    const shown = page(
      c,
      of.filter((letter) => stateOf(letter) === asked(c)),
    );
    return answer(c, api.deadLetterGroupDetailSchema, { ...about, counts, letters: shown });
  });
  app.post('/v1/dead-letter-groups/:fingerprint/dismiss', async (c) => {
    const { reason } = api.dismissRequestSchema.parse(await c.req.json());
    const ids = ofGroup(c)
      .filter((letter) => stateOf(letter) === 'open')
      .map(({ id }) => id);
    change(ids, { dismissal: { at: new Date().toISOString(), by: 'Mara Lindqvist', reason } });
    return answer(c, api.dismissedSchema, { dismissed: ids.length, repairJobId: null });
  });
  app.post('/v1/dead-letter-groups/:fingerprint/restore', (c) => {
    const ids = ofGroup(c)
      .filter((letter) => stateOf(letter) === 'dismissed')
      .map(({ id }) => id);
    change(ids, { dismissal: null });
    return answer(c, api.restoredSchema, { restored: ids.length });
  });

  const previewOf = (of: readonly api.DeadLetter[]): api.RepairPreview => ({
    letters: of.length,
    runs: of.length,
    left: 0,
    effects: { none: of.length, failed: 0, unsure: 0, confirmed: 0 },
    repeated: 0,
    canary: of[0] ? { deadLetterId: of[0].id, runId: of[0].runId } : null,
    words: `Runs ${of.length} steps again in ${of.length} runs; nothing before them runs again.`,
  });
  app.post('/v1/dead-letter-groups/:fingerprint/repairs/preview', async (c) => {
    api.groupRepairRequestSchema.parse(await c.req.json());
    return answer(c, api.repairPreviewSchema, previewOf(ofGroup(c).filter((letter) => stateOf(letter) === 'open')));
  });
  app.post('/v1/dead-letter-groups/:fingerprint/repairs', async (c) => {
    const repair = api.groupRepairRequestSchema.parse(await c.req.json());
    world().repairs.push(repair);
    const of = ofGroup(c).filter((letter) => stateOf(letter) === 'open');
    const [first] = of;
    if (!first) return noGroup(c);
    const id = idOf('rep', `${first.fingerprint} ${jobs().size}`) as api.RepairJob['id'];
    const job: api.RepairJob = {
      id,
      fingerprint: first.fingerprint,
      flowId: first.flowId,
      flowName: first.flowName,
      stepId: first.stepId,
      failureName: first.failure.name,
      action: repair.action,
      isEdited: repair.action === 'retry' && repair.edit !== undefined,
      comment: null,
      status: 'canary',
      reason: null,
      ratePerSecond: 5,
      requestId: repair.requestId ?? 'req-fake',
      requestedBy: { id: 'u_mara', name: 'Mara Lindqvist' },
      cancelledBy: null,
      counts: {
        total: of.length,
        waiting: of.length,
        underWay: 0,
        repaired: 0,
        failedAgain: 0,
        refused: 0,
        skipped: 0,
        untouched: 0,
      },
      preview: previewOf(of),
      createdAt: new Date().toISOString(),
      finishedAt: null,
      settledAt: null,
    };
    jobs().set(id, { job, looked: 0, letters: of.map((letter) => letter.id) });
    return answer(c, api.repairJobSchema, job);
  });
  app.get('/v1/repair-jobs', (c) => {
    const found = [...jobs().values()].filter(({ job }) => job.fingerprint === c.req.query('fingerprint')).toReversed();
    for (const entry of found) goOn(entry);
    return answer(
      c,
      api.repairJobListSchema,
      page(
        c,
        found.map(({ job }) => job),
      ),
    );
  });
  const goOn = (entry: Entry): void => {
    if (entry.job.finishedAt !== null) return;
    entry.looked += 1;
    const isDone = entry.looked >= looks;
    const { total } = entry.job.counts;
    const repaired = isDone ? total : Math.min(1, total);
    const now = new Date().toISOString();
    entry.job = {
      ...entry.job,
      status: isDone ? 'done' : 'running',
      counts: { ...entry.job.counts, repaired, waiting: total - repaired },
      ...(isDone ? { finishedAt: now, settledAt: now } : {}),
    };
    if (isDone) change(entry.letters, { resolvedAt: now, resolution: 'retried', resolvedBy: 'Mara Lindqvist' });
  };
};
