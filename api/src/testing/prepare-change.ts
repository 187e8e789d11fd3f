import { randomBytes } from 'node:crypto';
import type { Json } from '@everwave/schema/flow';
import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { hashToken } from '../auth/secret-token.ts';
import { codeOfStep, stepAt } from '../auth/totp.ts';
import { unsubscribeLink } from '../services/identity/unsubscribe.ts';
import type { Ids } from './one-of-everything.ts';
import { type Call, callWith, signInWith, type TestApi, type TestOrg, type TestPerson, webUrl } from './test-api.ts';

/** An org of its own for one change, with one of everything in it, and its owner. */
export interface Scene {
  readonly api: TestApi;
  readonly org: TestOrg;
  readonly ids: Ids;
  readonly owner: TestPerson & { readonly call: Call };
}

/** What differs from the owner who sends the document's example. */
export interface Prepared {
  readonly call?: Call;
  readonly body?: Json;
  readonly parameters?: Ids;
}
type Prepare = (scene: Scene) => Promise<Prepared>;

const newPassword = 'seventeen quiet harbours';

const tokenMailedTo = async (api: TestApi, address: string): Promise<string> => {
  const mails = (await api.mails()).filter(({ to }) => to.includes(address));
  const token = mails.map(({ text }) => /token=([\w-]+)/.exec(text)?.[1]).findLast((each) => each !== undefined);
  if (!token) throw new Error(`No link was mailed to ${address}.`);
  return token;
};

type Operation = (ids: Ids) => readonly [operation: string, body?: Json];

const after =
  (...operations: readonly Operation[]): Prepare =>
  async ({ ids, owner }) => {
    for (const [operation, body] of operations.map((each) => each(ids))) {
      const { status, text } = await owner.call(operation, body);
      if (status >= 300) throw new Error(`${operation} was answered with ${status}: ${text}`);
    }
    return {};
  };
const activate: Operation = ({ flowId }) => [`POST /v1/flows/${flowId}/activate`];
const archive: Operation = ({ flowId }) => [`POST /v1/flows/${flowId}/archive`];
const cancelRepair: Operation = ({ repairJobId }) => [`POST /v1/repair-jobs/${repairJobId}/cancel`];
const dismiss: Operation = ({ deadLetterId }) => [
  `POST /v1/dead-letters/${deadLetterId}/dismiss`,
  { reason: 'Known.' },
];
const dismissGroup: Operation = ({ fingerprint }) => [
  `POST /v1/dead-letter-groups/${fingerprint}/dismiss`,
  { reason: 'Known.' },
];

const offer = async ({ org, owner }: Scene) => {
  const heir = await org.signIn('developer');
  await owner.call('POST /v1/ownership/offer', { memberId: heir.memberId, password: owner.password });
  return heir;
};

const invited = async ({ api, owner }: Scene, email = `${randomBytes(6).toString('hex')}@example.org`) => {
  await owner.call('POST /v1/invitations', { email, role: 'viewer' });
  return tokenMailedTo(api, email);
};

/** The code of the next step is taken early: it may follow the one of this step at once. */
const beginFactor = async ({ owner }: Scene) => {
  const { secret } = (await owner.call('POST /v1/me/second-factor', { password: owner.password })).body;
  const now = stepAt(Date.now());
  return { first: { code: codeOfStep(secret, now) }, next: { code: codeOfStep(secret, now + 1) } };
};
const enrol = async (scene: Scene) => {
  const { first, next } = await beginFactor(scene);
  await scene.owner.call('POST /v1/me/second-factor/confirm', first);
  return next;
};
const withPassword: Prepare = async ({ owner }) => ({ body: { password: owner.password } });

const administered: Prepare = async ({ api, org }) => {
  const person = await org.signIn('viewer');
  const isIt = eq(tables.users.id, person.userId);
  await withSystem(api.db, (tx) => tx.update(tables.users).set({ isInstanceAdmin: true }).where(isIt));
  return { call: person.call };
};
/** Of somebody in another state, by an administrator of the installation. */
const administeredOf =
  (values: Partial<typeof tables.users.$inferInsert>): Prepare =>
  async (scene) => {
    const isIt = eq(tables.users.id, scene.ids['userId'] ?? '');
    await withSystem(scene.api.db, (tx) => tx.update(tables.users).set(values).where(isIt));
    return administered(scene);
  };
const restrict: Prepare = async () => ({ body: { isRestricted: true, grants: [] } });

const anonymous = ({ api }: Scene): Call => callWith(api.app, { origin: webUrl });

/** What has to be there before a change succeeds, by its operation. */
export const preparations: Readonly<Record<string, Prepare>> = {
  deactivateFlow: after(activate),
  restoreFlow: after(archive),
  startRun: after(activate),
  rerunRun: after(activate),
  moveFlow: async ({ ids }) => ({ body: { folderId: ids['folderId'] ?? null } }),
  addTeamMember: async ({ org }) => ({ parameters: { memberId: (await org.addPerson('viewer')).memberId } }),
  setFlowAccess: restrict,
  setFolderAccess: restrict,
  setConnectionAccess: restrict,
  migrateRun: async ({ api, ids }) => {
    const isIt = eq(tables.runs.id, ids['runId'] ?? '');
    await withSystem(api.db, (tx) => tx.update(tables.runs).set({ status: 'waiting' }).where(isIt));
    return { body: { version: 1 } };
  },
  resumeSchedule: after(({ scheduleId }) => [`POST /v1/schedules/${scheduleId}/pause`, { reason: 'Stocktaking.' }]),
  backfillSchedule: async ({ api }) => {
    while ((await api.dependencies.scheduleKeeper.round()) > 0);
    return {};
  },
  restoreDeadLetter: after(dismiss),
  dismissDeadLetterGroup: after(cancelRepair),
  restoreDeadLetterGroup: after(cancelRepair, dismissGroup),
  repairDeadLetterGroup: after(cancelRepair),
  setFlowLimits: async () => ({ body: { runs: { atOnce: 1, rate: null, whenFull: 'wait' } } }),
  answerApproval: async ({ org }) => ({ call: (await org.signIn('admin')).call, body: { decision: 'approved' } }),
  createApprovalLink: async ({ org }) => ({ body: { recipient: (await org.addPerson('admin')).email } }),
  suspendAccount: administered,
  restoreAccount: administeredOf({ suspendedAt: new Date(0) }),
  sendResetLink: administered,
  giveAdministration: administered,
  takeAdministration: administeredOf({ isInstanceAdmin: true }),
  createOrg: administered,
  deleteOrg: async ({ owner }) => ({ body: { name: 'Acme', password: owner.password } }),
  leaveOrg: async ({ org }) => ({ call: (await org.signIn('viewer')).call }),
  acceptInvitation: async (scene) => {
    const person = await (await scene.api.createOrg('Theirs')).signIn('viewer');
    return { call: person.call, body: { token: await invited(scene, person.email) } };
  },
  joinByInvitation: async (scene) => ({
    call: anonymous(scene),
    body: { token: await invited(scene), name: 'New', password: newPassword },
  }),
  resendInvitation: async ({ api, ids }) => {
    const { invitations } = tables;
    const isIt = eq(invitations.id, ids['invitationId'] ?? '');
    await withSystem(api.db, (tx) =>
      tx
        .update(invitations)
        .set({ sentAt: new Date(0) })
        .where(isIt),
    );
    return {};
  },
  offerOwnership: async ({ org, owner }) => ({
    body: { memberId: (await org.addPerson('admin')).memberId, password: owner.password },
  }),
  endOwnershipOffer: async (scene) => offer(scene).then(() => ({})),
  acceptOwnership: async (scene) => {
    const { call, password } = await offer(scene);
    return { call, body: { password } };
  },
  completeSetup: async (scene) => {
    const { orgId: organizationId } = await scene.api.createOrg('Without an owner');
    const row = { tokenHash: hashToken('set-up'), organizationId, expiresAt: new Date(Date.now() + 60_000) };
    await withSystem(scene.api.db, (tx) => tx.insert(tables.setupTokens).values(row));
    const body = { token: 'set-up', name: 'Mara', email: 'mara@example.org', password: newPassword };
    return { call: anonymous(scene), body };
  },
  takeSecondStep: async (scene) => {
    const next = await enrol(scene);
    const { email, password } = scene.owner;
    const { challenge } = (await anonymous(scene)('POST /auth/sign-in/email', { email, password })).body;
    return { call: anonymous(scene), body: { challenge, ...next } };
  },
  maskField: async () => ({ parameters: { fieldName: 'card.number' } }),
  confirmSecondFactor: async (scene) => ({ body: (await beginFactor(scene)).next }),
  renewRecoveryCodes: async (scene) => enrol(scene).then(() => withPassword(scene)),
  removeSecondFactor: async (scene) => enrol(scene).then(() => withPassword(scene)),
  completePasswordReset: async (scene) => {
    await anonymous(scene)('POST /v1/password-resets', { email: scene.owner.email });
    const token = await tokenMailedTo(scene.api, scene.owner.email);
    return { call: anonymous(scene), body: { token, password: newPassword } };
  },
  changePassword: async ({ owner }) => ({ body: { currentPassword: owner.password, newPassword } }),
  changeEmail: async ({ owner }) => ({ body: { email: `new-${owner.email}`, password: owner.password } }),
  verifyEmail: async (scene) => {
    const email = `new-${scene.owner.email}`;
    await scene.owner.call('POST /v1/me/email', { email, password: scene.owner.password });
    return { call: anonymous(scene), body: { token: await tokenMailedTo(scene.api, email) } };
  },
  unsubscribe: async (scene) => {
    const content = { orgId: scene.org.orgId, userId: scene.owner.userId, kind: 'approvals' } as const;
    const token = new URL(unsubscribeLink(scene.api.dependencies, content)).searchParams.get('token');
    return { call: anonymous(scene), body: { token } };
  },
  revokeSession: async ({ api, owner }) => {
    await signInWith(api.app, owner);
    const { items } = (await owner.call('GET /v1/me/sessions')).body;
    return { parameters: { sessionId: items.find((each: { isCurrent: boolean }) => !each.isCurrent).id } };
  },
  createTokens: async (scene) => {
    const { email, password } = scene.owner;
    return { call: anonymous(scene), body: { email, password } };
  },
  revokeTokens: async (scene) => {
    const { email, password } = scene.owner;
    const { refreshToken } = (await anonymous(scene)('POST /v1/tokens', { email, password })).body;
    return { call: anonymous(scene), body: { refreshToken } };
  },
  'POST /auth/sign-in/email': async (scene) => {
    const { email, password } = scene.owner;
    return { call: anonymous(scene), body: { email, password } };
  },
};
