import { completeSetup } from './account/complete-setup.ts';
import { createApiKey } from './account/create-api-key.ts';
import { listApiKeys } from './account/list-api-keys.ts';
import { readMe } from './account/read-me.ts';
import { readSetupState } from './account/read-setup-state.ts';
import { revokeApiKey } from './account/revoke-api-key.ts';
import { readFlowAccess } from './access/read-flow-access.ts';
import { setFlowAccess } from './access/set-flow-access.ts';
import { readFolderAccess } from './access/read-folder-access.ts';
import { setFolderAccess } from './access/set-folder-access.ts';
import { listGrantees } from './access/list-grantees.ts';
import { readConnectionAccess } from './access/read-connection-access.ts';
import { setConnectionAccess } from './access/set-connection-access.ts';
import { decodePayloads } from './codec/decode-payloads.ts';
import { encodePayloads } from './codec/encode-payloads.ts';
import { createAlertChannel } from './alert-channels/create-alert-channel.ts';
import { deleteAlertChannel } from './alert-channels/delete-alert-channel.ts';
import { listAlertChannels } from './alert-channels/list-alert-channels.ts';
import { readAlertChannel } from './alert-channels/read-alert-channel.ts';
import { testAlertChannel } from './alert-channels/test-alert-channel.ts';
import { updateAlertChannel } from './alert-channels/update-alert-channel.ts';
import { answerApproval } from './approvals/answer-approval.ts';
import { createApprovalLink } from './approvals/create-approval-link.ts';
import { listApprovalLinks } from './approvals/list-approval-links.ts';
import { listApprovals } from './approvals/list-approvals.ts';
import { openApprovalLink } from './approvals/open-approval-link.ts';
import { readApproval } from './approvals/read-approval.ts';
import { revokeApprovalLink } from './approvals/revoke-approval-link.ts';
import { createConnection } from './connections/create-connection.ts';
import { deleteConnection } from './connections/delete-connection.ts';
import { listConnections } from './connections/list-connections.ts';
import { readConnection } from './connections/read-connection.ts';
import { testConnection } from './connections/test-connection.ts';
import { updateConnection } from './connections/update-connection.ts';
import { dismissDeadLetterGroup } from './dead-letters/dismiss-dead-letter-group.ts';
import { dismissDeadLetter } from './dead-letters/dismiss-dead-letter.ts';
import { listDeadLetterGroups } from './dead-letters/list-dead-letter-groups.ts';
import { listDeadLetters } from './dead-letters/list-dead-letters.ts';
import { readDeadLetterGroup } from './dead-letters/read-dead-letter-group.ts';
import { readDeadLetter } from './dead-letters/read-dead-letter.ts';
import { restoreDeadLetterGroup } from './dead-letters/restore-dead-letter-group.ts';
import { restoreDeadLetter } from './dead-letters/restore-dead-letter.ts';
import { listDeliveries } from './deliveries/list-deliveries.ts';
import { readDelivery } from './deliveries/read-delivery.ts';
import { replayDelivery } from './deliveries/replay-delivery.ts';
import { listEvents } from './events/list-events.ts';
import { sendEvents } from './events/send-events.ts';
import { activateFlow } from './flows/activate-flow.ts';
import { archiveFlow } from './flows/archive-flow.ts';
import { createFlow } from './flows/create-flow.ts';
import { deactivateFlow } from './flows/deactivate-flow.ts';
import { duplicateFlow } from './flows/duplicate-flow.ts';
import { exportFlow } from './flows/export-flow.ts';
import { importFlow } from './flows/import-flow.ts';
import { listFlows } from './flows/list-flows.ts';
import { listTags } from './flows/list-tags.ts';
import { listVersions } from './flows/list-versions.ts';
import { publishFlow } from './flows/publish-flow.ts';
import { readFlow } from './flows/read-flow.ts';
import { readVersion } from './flows/read-version.ts';
import { renewSigningSecret } from './flows/renew-signing-secret.ts';
import { restoreFlow } from './flows/restore-flow.ts';
import { saveDraft } from './flows/save-draft.ts';
import { setTags } from './flows/set-tags.ts';
import { startRun } from './flows/start-run.ts';
import { updateFlow } from './flows/update-flow.ts';
import { validateFlow } from './flows/validate-flow.ts';
import { createFolder } from './folders/create-folder.ts';
import { deleteFolder } from './folders/delete-folder.ts';
import { listFolders } from './folders/list-folders.ts';
import { moveFlow } from './folders/move-flow.ts';
import { renameFolder } from './folders/rename-folder.ts';
import { listUnservedQueues } from './health/list-unserved-queues.ts';
import { takeSecondStep } from './identity/take-second-step.ts';
import { readSignUpState } from './identity/read-sign-up-state.ts';
import { signUp } from './identity/sign-up.ts';
import { requestPasswordReset } from './identity/request-password-reset.ts';
import { completePasswordReset } from './identity/complete-password-reset.ts';
import { sendVerification } from './identity/send-verification.ts';
import { verifyEmail } from './identity/verify-email.ts';
import { updateProfile } from './identity/update-profile.ts';
import { changePassword } from './identity/change-password.ts';
import { changeEmail } from './identity/change-email.ts';
import { listSessions } from './identity/list-sessions.ts';
import { revokeOtherSessions } from './identity/revoke-other-sessions.ts';
import { revokeSession } from './identity/revoke-session.ts';
import { readSecondFactor } from './identity/read-second-factor.ts';
import { beginSecondFactor } from './identity/begin-second-factor.ts';
import { confirmSecondFactor } from './identity/confirm-second-factor.ts';
import { renewRecoveryCodes } from './identity/renew-recovery-codes.ts';
import { removeSecondFactor } from './identity/remove-second-factor.ts';
import { createTokens } from './identity/create-tokens.ts';
import { renewTokens } from './identity/renew-tokens.ts';
import { revokeTokens } from './identity/revoke-tokens.ts';
import { readNotifications } from './identity/read-notifications.ts';
import { setNotifications } from './identity/set-notifications.ts';
import { unsubscribe } from './identity/unsubscribe.ts';
import { readSignInRules } from './identity/read-sign-in-rules.ts';
import { setSignInRules } from './identity/set-sign-in-rules.ts';
import { readHealth } from './health/read-health.ts';
import { readReadiness } from './health/read-readiness.ts';
import { readSystemStatus } from './health/read-system-status.ts';
import { listCredentialKinds } from './node-kinds/list-credential-kinds.ts';
import { readInsights } from './insights/read-insights.ts';
import { exportAudit } from './audit/export-audit.ts';
import { listAudit } from './audit/list-audit.ts';
import { readSecurityOverview } from './audit/read-security-overview.ts';
import { verifyAudit } from './audit/verify-audit.ts';
import { readConnectionLimits } from './limits/read-connection-limits.ts';
import { readFlowLimits } from './limits/read-flow-limits.ts';
import { readOrgLimits } from './limits/read-org-limits.ts';
import { setConnectionLimits } from './limits/set-connection-limits.ts';
import { setFlowLimits } from './limits/set-flow-limits.ts';
import { setOrgLimits } from './limits/set-org-limits.ts';
import { acceptInvitation } from './invitations/accept-invitation.ts';
import { createInvitation } from './invitations/create-invitation.ts';
import { joinByInvitation } from './invitations/join-by-invitation.ts';
import { listInvitations } from './invitations/list-invitations.ts';
import { openInvitation } from './invitations/open-invitation.ts';
import { resendInvitation } from './invitations/resend-invitation.ts';
import { revokeInvitation } from './invitations/revoke-invitation.ts';
import { acceptOwnership } from './members/accept-ownership.ts';
import { changeMember } from './members/change-member.ts';
import { endOwnershipOffer } from './members/end-ownership-offer.ts';
import { listMembers } from './members/list-members.ts';
import { offerOwnership } from './members/offer-ownership.ts';
import { readOwnership } from './members/read-ownership.ts';
import { removeMember } from './members/remove-member.ts';
import { createOrg } from './orgs/create-org.ts';
import { deleteOrg } from './orgs/delete-org.ts';
import { previewOrgDeletion } from './orgs/preview-org-deletion.ts';
import { readOrg } from './orgs/read-org.ts';
import { updateOrg } from './orgs/update-org.ts';
import { leaveOrg } from './orgs/leave-org.ts';
import { listMyOrgs } from './orgs/list-my-orgs.ts';
import { switchOrg } from './orgs/switch-org.ts';
import { giveAdministration } from './admin/give-administration.ts';
import { listAccounts } from './admin/list-accounts.ts';
import { listInstanceAudit } from './admin/list-instance-audit.ts';
import { restoreAccount } from './admin/restore-account.ts';
import { sendResetLink } from './admin/send-reset-link.ts';
import { suspendAccount } from './admin/suspend-account.ts';
import { takeAdministration } from './admin/take-administration.ts';
import { addTeamMember } from './teams/add-team-member.ts';
import { createTeam } from './teams/create-team.ts';
import { deleteTeam } from './teams/delete-team.ts';
import { listTeams } from './teams/list-teams.ts';
import { removeTeamMember } from './teams/remove-team-member.ts';
import { updateTeam } from './teams/update-team.ts';
import { listNodeKinds } from './node-kinds/list-node-kinds.ts';
import { cancelRepairJob } from './repair-jobs/cancel-repair-job.ts';
import { listRepairJobLetters } from './repair-jobs/list-repair-job-letters.ts';
import { listRepairJobs } from './repair-jobs/list-repair-jobs.ts';
import { previewGroupRepair } from './repair-jobs/preview-repair.ts';
import { readRepairJob } from './repair-jobs/read-repair-job.ts';
import { repairDeadLetterGroup } from './repair-jobs/repair-dead-letter-group.ts';
import { createRole } from './roles/create-role.ts';
import { deleteRole } from './roles/delete-role.ts';
import { listRoles } from './roles/list-roles.ts';
import { readRole } from './roles/read-role.ts';
import { updateRole } from './roles/update-role.ts';
import { cancelRun } from './runs/cancel-run.ts';
import { forkRun } from './runs/fork-run.ts';
import { listAttempts } from './runs/list-attempts.ts';
import { listLogs } from './runs/list-logs.ts';
import { listRuns } from './runs/list-runs.ts';
import { listSteps } from './runs/list-steps.ts';
import { listRunFiles } from './runs/list-run-files.ts';
import { listMigrations } from './runs/list-migrations.ts';
import { migrateRun } from './runs/migrate-run.ts';
import { previewFork } from './runs/preview-fork.ts';
import { previewMigration } from './runs/preview-migration.ts';
import { readRun } from './runs/read-run.ts';
import { readRunFile } from './runs/read-run-file.ts';
import { readRunOutput } from './runs/read-run-output.ts';
import { readStepInput } from './runs/read-step-input.ts';
import { readStepOutput } from './runs/read-step-output.ts';
import { repairRun } from './runs/repair-run.ts';
import { rerunRun } from './runs/rerun-run.ts';
import { watchRun } from './runs/watch-run.ts';
import { watchRuns } from './runs/watch-runs.ts';
import { createServiceAccount } from './service-accounts/create-service-account.ts';
import { deleteServiceAccount } from './service-accounts/delete-service-account.ts';
import { listServiceAccounts } from './service-accounts/list-service-accounts.ts';
import { updateServiceAccount } from './service-accounts/update-service-account.ts';
import { listMaskedFields } from './masked-fields/list-masked-fields.ts';
import { maskField } from './masked-fields/mask-field.ts';
import { unmaskField } from './masked-fields/unmask-field.ts';
import { deleteVariable } from './variables/delete-variable.ts';
import { listVariables } from './variables/list-variables.ts';
import { setVariable } from './variables/set-variable.ts';

/** Every operation of the API, in the order of the document. Of two paths that fit, the earlier one answers. */
import { backfillSchedule } from './schedules/backfill-schedule.ts';
import { listSchedules } from './schedules/list-schedules.ts';
import { pauseSchedule } from './schedules/pause-schedule.ts';
import { readSchedule } from './schedules/read-schedule.ts';
import { resumeSchedule } from './schedules/resume-schedule.ts';
import { triggerSchedule } from './schedules/trigger-schedule.ts';

export const operations = [
  listFlows,
  createFlow,
  importFlow,
  listTags,
  readFlow,
  updateFlow,
  setTags,
  saveDraft,
  validateFlow,
  publishFlow,
  listVersions,
  readVersion,
  activateFlow,
  deactivateFlow,
  archiveFlow,
  restoreFlow,
  duplicateFlow,
  exportFlow,
  renewSigningSecret,
  startRun,
  listFolders,
  createFolder,
  renameFolder,
  deleteFolder,
  moveFlow,
  listRuns,
  watchRuns,
  readRun,
  watchRun,
  listSteps,
  readStepInput,
  readStepOutput,
  readRunOutput,
  listRunFiles,
  readRunFile,
  listAttempts,
  listLogs,
  rerunRun,
  previewFork,
  forkRun,
  listMigrations,
  previewMigration,
  migrateRun,
  cancelRun,
  repairRun,
  readInsights,
  listDeadLetters,
  readDeadLetter,
  dismissDeadLetter,
  restoreDeadLetter,
  listDeadLetterGroups,
  readDeadLetterGroup,
  dismissDeadLetterGroup,
  restoreDeadLetterGroup,
  previewGroupRepair,
  repairDeadLetterGroup,
  listRepairJobs,
  readRepairJob,
  listRepairJobLetters,
  cancelRepairJob,
  readOrgLimits,
  setOrgLimits,
  readFlowLimits,
  setFlowLimits,
  readConnectionLimits,
  setConnectionLimits,
  listAlertChannels,
  createAlertChannel,
  readAlertChannel,
  updateAlertChannel,
  deleteAlertChannel,
  testAlertChannel,
  listApprovals,
  readApproval,
  answerApproval,
  createApprovalLink,
  listApprovalLinks,
  revokeApprovalLink,
  openApprovalLink,
  sendEvents,
  listEvents,
  listDeliveries,
  readDelivery,
  replayDelivery,
  listSchedules,
  readSchedule,
  pauseSchedule,
  resumeSchedule,
  triggerSchedule,
  backfillSchedule,
  listConnections,
  createConnection,
  readConnection,
  updateConnection,
  deleteConnection,
  testConnection,
  listVariables,
  setVariable,
  deleteVariable,
  listMaskedFields,
  maskField,
  unmaskField,
  listNodeKinds,
  listCredentialKinds,
  readMe,
  listMyOrgs,
  switchOrg,
  leaveOrg,
  listMembers,
  changeMember,
  removeMember,
  listInvitations,
  createInvitation,
  openInvitation,
  acceptInvitation,
  joinByInvitation,
  resendInvitation,
  revokeInvitation,
  listAccounts,
  suspendAccount,
  restoreAccount,
  sendResetLink,
  giveAdministration,
  takeAdministration,
  listInstanceAudit,
  listTeams,
  createTeam,
  updateTeam,
  deleteTeam,
  addTeamMember,
  removeTeamMember,
  createOrg,
  readOrg,
  updateOrg,
  previewOrgDeletion,
  deleteOrg,
  readOwnership,
  offerOwnership,
  acceptOwnership,
  endOwnershipOffer,
  readSetupState,
  completeSetup,
  takeSecondStep,
  readSignUpState,
  signUp,
  requestPasswordReset,
  completePasswordReset,
  sendVerification,
  verifyEmail,
  updateProfile,
  changePassword,
  changeEmail,
  listSessions,
  revokeOtherSessions,
  revokeSession,
  readSecondFactor,
  beginSecondFactor,
  confirmSecondFactor,
  renewRecoveryCodes,
  removeSecondFactor,
  createTokens,
  renewTokens,
  revokeTokens,
  readNotifications,
  setNotifications,
  unsubscribe,
  readSignInRules,
  setSignInRules,
  listApiKeys,
  createApiKey,
  revokeApiKey,
  listServiceAccounts,
  createServiceAccount,
  updateServiceAccount,
  deleteServiceAccount,
  listRoles,
  createRole,
  readRole,
  updateRole,
  deleteRole,
  listAudit,
  exportAudit,
  verifyAudit,
  readSecurityOverview,
  listGrantees,
  readFlowAccess,
  setFlowAccess,
  readFolderAccess,
  setFolderAccess,
  readConnectionAccess,
  setConnectionAccess,
  decodePayloads,
  encodePayloads,
  readSystemStatus,
  listUnservedQueues,
  readHealth,
  readReadiness,
] as const;
