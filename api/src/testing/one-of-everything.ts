import { createHash, randomBytes, randomUUIDv7 } from 'node:crypto';
import { tables, withOrg } from '@everwave/schema/db';
import { keepFile } from '@everwave/temporal/values';
import { addApproval } from './add-approval.ts';
import { createGraveyard } from './dead-letters.ts';
import { scheduleFlow, webhookFlow } from './graphs.ts';
import { callWith, type TestApi, type TestOrg } from './test-api.ts';

/** An id per parameter of a path, by its name. */
export type Ids = Readonly<Record<string, string>>;

/** Makes one of everything that has an id, in this org. Everything that has a name carries `mark` in it. */
export const makeOneOfEverything = async (api: TestApi, org: TestOrg, mark: string): Promise<Ids> => {
  const admin = await org.as('admin');
  const connection = {
    name: mark,
    kind: 'example.token',
    settings: { baseUrl: 'https://api.example.com' },
    secret: { token: `secret-${mark}` },
  };
  const connectionId = (await admin('POST /v1/connections', connection)).body.id;
  await admin('PUT /v1/masked-fields/zone');
  await admin('PUT /v1/variables/ZONE', { type: 'string', value: mark });
  const flowId = (await admin('POST /v1/flows', { name: `Flow of ${mark}`, graph: webhookFlow() })).body.id;
  await admin(`POST /v1/flows/${flowId}/publish`);
  const [trigger] = (await admin(`GET /v1/flows/${flowId}`)).body.triggers;
  const runId = (await admin(`POST /v1/flows/${flowId}/runs`, {})).body.runId;
  await admin(`POST /v1/flows/${flowId}/deactivate`);
  const deliveryId = (await callWith(api.app)(`POST ${new URL(trigger.url).pathname}`, {})).body.deliveryId;
  const scheduled = (await admin('POST /v1/flows', { name: `Schedule of ${mark}`, graph: scheduleFlow() })).body.id;
  await admin(`POST /v1/flows/${scheduled}/publish`);
  const scheduleId = (await admin('GET /v1/schedules')).body.items[0].id;
  const { memberId, userId } = await org.addPerson('viewer');
  const teamId = (await admin('POST /v1/teams', { name: mark })).body.id;
  await admin(`PUT /v1/teams/${teamId}/members/${memberId}`);
  const sessionId = randomUUIDv7();
  const session = { id: sessionId, token: randomBytes(16).toString('hex'), userId };
  await withOrg(api.db, org.orgId, (tx) =>
    tx.insert(tables.sessions).values({ ...session, expiresAt: new Date(Date.now() + 3_600_000) }),
  );
  const invitation = { email: `${mark.toLowerCase()}@example.org`, role: 'viewer' };
  const invitationId = (await admin('POST /v1/invitations', invitation)).body.id;
  const apiKeyId = (await admin('POST /v1/api-keys', { name: mark })).body.id;
  const folderId = (await admin('POST /v1/folders', { name: mark })).body.id;
  const roleId = (await admin('POST /v1/roles', { name: mark, permissions: ['flows:read'] })).body.id;
  const serviceAccountId = (await admin('POST /v1/service-accounts', { name: mark, role: 'viewer' })).body.id;
  const grave = await createGraveyard(api, org, `Graveyard of ${mark}`);
  const { id: deadLetterId } = await grave.bury();
  const group = `/v1/dead-letter-groups/${grave.fingerprint}`;
  const repairJobId = (await admin(`POST ${group}/repairs`, { action: 'skip' })).body.id;
  const channel = { kind: 'slack', name: mark, url: `https://hooks.slack.example/${mark}` };
  const alertChannelId = (await admin('POST /v1/alert-channels', channel)).body.id;
  const { sha256 } = await keepFile(
    api.db,
    api.ring,
    [{ orgId: org.orgId, runId, path: 'read', ordinal: 1, name: 'file:1' }],
    { name: `${mark}.txt`, mediaType: 'text/plain', content: ReadableStream.from([Buffer.from(mark)]) },
  );
  const request = { subject: `${mark}?`, message: null, fields: [] };
  const { id: approvalId } = await addApproval(api, org, { flowId, runId, request, roles: ['admin'] });
  const token = randomBytes(16).toString('base64url');
  const linkId = randomUUIDv7();
  await withOrg(api.db, org.orgId, (tx) =>
    tx.insert(tables.approvalLinks).values({
      id: linkId,
      orgId: org.orgId,
      approvalId,
      tokenHash: createHash('sha256').update(token).digest('hex'),
      recipient: 'a@example.org',
      createdBy: mark,
    }),
  );
  return {
    alertChannelId,
    apiKeyId,
    approvalId,
    connectionId,
    deadLetterId,
    deliveryId,
    fingerprint: grave.fingerprint,
    flowId,
    invitationId,
    folderId,
    linkId,
    memberId,
    orgId: org.orgId,
    repairJobId,
    roleId,
    runId,
    scheduleId,
    serviceAccountId,
    sessionId,
    sha256,
    teamId,
    token,
    triggerId: trigger.id,
    userId,
    // Both say where in a run or flow, and mean nothing without it.
    path: 'read',
    version: '1',
    // In every org the same.
    fieldName: 'zone',
    variableName: 'ZONE',
  };
};
