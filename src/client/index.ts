/**
 * What a partner app imports as `relais/client`: found, enrol, find, consent, seal, send, list, open, act, withdraw,
 * verify. It runs in browsers and on Node; keys never leave it, and it believes the server nothing that it can check.
 */
export { Device, type DeviceOptions } from './device/device.js';
export type {
  DeviceState,
  EpochSeed,
  PendingInvitation,
  NetworkState,
  RegistryState,
  WatchedEntries,
} from './device/state.js';
export {
  foundNetwork,
  founderDevice,
  prepareFounder,
  readNetwork,
  signCharter,
  trustFile,
  type Founder,
  type FounderPublic,
  type Founding,
  type NetworkInfo,
} from './coordinator/found.js';
export {
  Joining,
  certifyRequests,
  invite,
  type InvitationOptions,
  type JoiningState,
} from './coordinator/enrol.js';
export {
  answerAudits,
  challengeLog,
  collectAudit,
  type AnsweredAudits,
  type Challenge,
  type CollectedAudit,
} from './audit/audits.js';
export { maintainKeys, type MaintenanceFailure } from './coordinator/maintain.js';
export { settleEach, type Settled, type RefusedItem } from './device/each.js';
export {
  acceptEntries,
  lostEntries,
  repostLostEntries,
  strangeEntries,
  type StrangeEntry,
} from './coordinator/own-entries.js';
export { coordinatorTasks, type CoordinatorTask } from './coordinator/tasks.js';
export { endWitness, missingWitnesses, registerWitness } from './coordinator/witness.js';
export { appointCoordinator, revokeDevice, type LostDevice } from './coordinator/revoke.js';
export {
  findService,
  listServices,
  pageServices,
  type FoundService,
  type ListedService,
  type ServicePage,
} from './referral/find.js';
export {
  endAgreement,
  listAgreements,
  mayRefer,
  proposeAgreement,
  readAgreement,
  servicesAlongAgreements,
  signAgreement,
  type AgreementTerms,
  type KnownAgreement,
  type Proposal,
  type ReadAgreement,
} from './coordinator/agreements.js';
export { isolatedText, typedText, visibleText } from '../protocol/encoding/plain-text.js';
export { nameWarnings, type NameWarning, type UnusualName } from '../protocol/encoding/name-warnings.js';
export { unusualFounders, unusualNamesOf } from './coordinator/unusual.js';
export { AGREEMENT_TEMPLATES } from './coordinator/agreement-templates.js';
export {
  endHold,
  getProfile,
  holdPlace,
  publishProfile,
  searchServices,
  setCapacity,
  type Capacity,
  type PlaceHold,
  type PublishedProfile,
  type Search,
  type SearchedService,
  type StatedCapacity,
} from './referral/directory.js';
export { normalProfile, ProfileRefused } from './coordinator/profile-form.js';
export { isEligible, type Eligibility, type EligibilityAnswers } from '../protocol/directory/eligibility.js';
export { isOpenAt, type LocalTime } from '../protocol/directory/hours.js';
export { intakeProblems, type IntakeProblem } from '../protocol/directory/intake.js';
export { TAXONOMY, type TaxonomyTerm } from '../protocol/directory/taxonomy.js';
export type { ServiceProfile } from '../protocol/schemas/service-profile.js';
export { recordConsent, type Decision } from './referral/consent.js';
export { noticeText } from './translations/notice.js';
export {
  sealReferral,
  sendReferral,
  type CaseSecrets,
  type SealResult,
  type SealedFile,
  type SealedReferral,
  type ReferralDraft,
} from './referral/send.js';
export {
  acknowledge,
  act,
  fetchFinalProofs,
  fetchProofs,
  getReferral,
  listReferrals,
  openReferral,
  pageReferrals,
  withdrawOnRequest,
  type Act,
  type OpenedReferral,
  type ProvenStatement,
  type Referral,
  type ReferralPage,
} from './referral/referrals.js';
export {
  confirmVoid,
  confirmVoidByPaper,
  prepareVoid,
  voidReferral,
  type VoidDraft,
} from './referral/void.js';
export {
  carryOverToCurrentEpoch,
  dueErasures,
  renewConsent,
  reportErasures,
  stateErasure,
  type DueErasure,
} from './referral/keep.js';
export { redirectDrafts, type RedirectDraft } from './referral/redirect.js';
export {
  attachmentsOf,
  downloadAttachment,
  uploadAttachment,
  type Attachment,
} from './referral/attachments.js';
export { listMessages, sendMessage, type ReadMessage, type RefusedMessage } from './referral/messages.js';
export {
  eventPage,
  events,
  type EventPage,
  type EventsOptions,
  type EventType,
  type ReferralEvent,
} from './referral/events.js';
export { Receipt, type ReceiptStatus } from './receipt/receipt.js';
export type { OpenedReceipt } from './receipt/opened-receipt.js';
export type { Party, ReceiptStory, Shared } from './receipt/receipt-story.js';
export { listFeedback, type FeedbackText } from './referral/feedback.js';
export { printedReceipt, type PrintedReceiptOptions } from './receipt/paper.js';
export { receiptFile, type ReceiptFileOptions } from './receipt/receipt-file.js';
export { translations, type Translations, type TranslationLanguage } from './translations/translations.js';
export { exportCase, type CaseFile } from './audit/case-file.js';
export { DuplicateFinder, type PossibleDuplicate } from './referral/duplicates.js';
export {
  importDrafts,
  type Imported,
  type ImportTarget,
  type ImportProblem,
  type ImportSource,
} from './referral/import.js';
export { figuresCsv, ownFigures, type Figure, type FiguresLanguage } from './referral/figures.js';
export {
  exportOrganisation,
  openOrganisationExport,
  openExportedReferrals,
  rememberPaperCode,
  type OrganisationExport,
  type SealedExport,
  type OpenedExportedReferral,
} from './referral/export.js';
export { exportPage } from './referral/export-page.js';
export {
  copyCharters,
  copyPublicLog,
  isLogPublished,
  lastLogEntry,
  listLogs,
  type WriteFile,
} from './audit/public-log.js';
export { checkWebApp, MANIFEST_PATH, vouchForWebApp, type WebAppCheck } from './coordinator/web-app.js';
export { followTrusted } from './device/registry.js';
export { isPublished } from './audit/published.js';
export { Problem, Unreachable, type ProblemError } from './device/problem.js';
export { Transport } from './device/transport.js';
export { defaultCharter, type Charter } from '../protocol/registry/charter.js';
export { canonicalText } from '../protocol/encoding/json.js';
export type { AuditInput } from '../protocol/audit/input.js';
export type { AuditReport } from '../protocol/audit/report.js';
export { verifyLogs } from '../protocol/audit/verify-logs.js';
export { Refused } from '../protocol/encoding/errors.js';
