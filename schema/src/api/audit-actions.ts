/**
 * Everything the audit log can say that somebody did, and how a person reads it: behind the name of who did it, with
 * `{target}` for what it was done to and `{…}` for a detail of the entry. A new action is a new line here.
 */
export const auditActions = {
  'flow.created': 'created the flow {target}',
  'flow.updated': 'changed the name, description or tags of {target}',
  'flow.draft_saved': 'saved revision {draftRevision} of the draft of {target}',
  'flow.published': 'published {target} version {version}',
  'flow.activated': 'turned {target} on',
  'flow.deactivated': 'turned {target} off',
  'flow.archived': 'archived {target}',
  'flow.restored': 'brought {target} back from the archive',
  'flow.limits_set': 'set the limits of {target}',
  'trigger.secret_renewed': 'renewed the signing secret of the trigger {target}',

  'run.started': 'started the run {target}',
  'run.rerun': 'ran {rerunOfRunId} again, as {target}',
  'run.forked': 'started {forkOfRunId} again from {from}, as {target}',
  'run.migrated': 'moved the run {target} to version {flowVersion}',
  'run.repair_requested': 'asked for {repair} on the run {target}',
  'run.repaired': 'had {repair} done on the run {target}',
  'run.repair_refused': 'was refused {repair} on the run {target}',

  'dead_letter.dismissed': 'dismissed the dead letter {target}',
  'dead_letter.restored': 'brought the dead letter {target} back',
  'dead_letters.dismissed': 'dismissed {letters} dead letters of the group {target}',
  'dead_letters.restored': 'brought {letters} dead letters of the group {target} back',
  'dead_letters.repair_started': 'began to repair the group {target}: {action}, {letters} runs',
  'dead_letters.repair_done': 'repaired the group {target}',
  'dead_letters.repair_stopped': 'repaired the group {target} in part: the repair was stopped',
  'dead_letters.repair_cancelled': 'cancelled the repair of the group {target}',

  'approval.answer_requested': 'answered the approval {target}: {decision}',
  'approval.answered': 'had the answer {decision} taken by the approval {target}',
  'approval.answer_refused': 'had the answer {decision} refused by the approval {target}',
  'approval.link_created': 'made a link to the approval {target} for {recipient}',
  'approval.link_revoked': 'revoked the link to the approval {target} for {recipient}',

  'delivery.replayed': 'ran the delivery {target}',

  'connection.created': 'created the connection {target}',
  'connection.updated': 'changed the connection {target}',
  'connection.deleted': 'deleted the connection {target}',
  'connection.tested': 'tested the connection {target}: {status}',
  'connection.limits_set': 'set the limits of the connection {target}',

  'variable.created': 'created the variable {target}',
  'variable.changed': 'changed the variable {target}',
  'variable.deleted': 'deleted the variable {target}',

  'alert_channel.created': 'created the alert channel {target}',
  'alert_channel.updated': 'changed the alert channel {target}',
  'alert_channel.deleted': 'deleted the alert channel {target}',
  'alert_channel.tested': 'sent a test over the alert channel {target}',

  'api_key.created': 'created the API key {target}',
  'api_key.revoked': 'revoked the API key {target}',
  'service_account.created': 'made the service account {target}',
  'service_account.changed': 'changed the service account {target}',
  'service_account.deleted': 'deleted the service account {target}',
  'role.created': 'made the role {target}',
  'role.changed': 'changed the role {target}',
  'role.deleted': 'deleted the role {target}',

  'user.profile_changed': 'changed their own name or user name',
  'user.password_changed': 'changed their own password',
  'user.password_reset': 'set a new password by a mailed link',
  'user.email_verified': 'confirmed their e-mail address',
  'user.email_change_asked': 'asked for another e-mail address',
  'user.email_changed': 'changed their e-mail address',
  'user.second_factor_enrolled': 'set up a second factor',
  'user.second_factor_removed': 'removed their second factor',
  'user.recovery_codes_renewed': 'made new recovery codes',
  'session.revoked': 'signed out the session {target}',
  'session.others_revoked': 'signed out their other sessions',
  'org.sign_in_rules_set': 'set what the organisation asks of those who sign in',

  'member.role_changed': 'changed the role of {target} from {from} to {to}',
  'member.removed': 'removed {target} from the organisation',
  'member.left': 'left the organisation',
  'invitation.created': 'invited {target} as {role}',
  'invitation.resent': 'sent the invitation of {target} again',
  'invitation.revoked': 'revoked the invitation of {target}',
  'invitation.accepted': 'joined the organisation as {role}',
  'org.ownership_offered': 'offered the organisation to {target}',
  'org.ownership_withdrawn': 'withdrew the offer of the organisation to {target}',
  'org.ownership_declined': 'declined the organisation',
  'org.ownership_shared': 'accepted to own the organisation together with {fromName}',
  'org.ownership_transferred': 'took the organisation over from {fromName}',

  'access.refused': 'was refused {target}, for want of the permission {permission}',
  'sign_in.failed': 'failed to sign in as {target}',
  'sign_in.second_factor_failed': 'failed the second factor of {target}',

  'audit.exported': 'exported the audit log as {format}',

  'org.owner_set': 'became the owner of the organisation',
  'org.limits_set': 'set the limits of the organisation',
  'organization.deleted': 'deleted the organisation',
  'payloads.decoded': 'looked at {payloads} values in the Temporal UI',
} as const satisfies Readonly<Record<string, string>>;

export type AuditAction = keyof typeof auditActions;
