/**
 * What a partner app imports as `relais/client`: found, enrol, find, consent, seal, send, list, open, act,
 * withdraw, verify. It runs in browsers and on Node; keys never leave it, and it believes the server nothing
 * that it can check.
 */

// ## Found a network
// Each founder prepares their organisation on a device of their own; one of them sends what all have signed.
export { readNetwork, prepareFounder } from './coordinator/found.js';
export { defaultCharter } from '../protocol/registry/charter.js';
export { unusualFounders } from './coordinator/unusual.js';
export { signCharter } from './coordinator/found.js';
export { canonicalText } from '../protocol/encoding/json.js';
export { foundNetwork, founderDevice, trustFile } from './coordinator/found.js';
export type { NetworkInfo, Founder, FounderPublic, Founding } from './coordinator/found.js';
export type { Charter } from '../protocol/registry/charter.js';
export type { TrustFile } from '../protocol/schemas/trust.js';

// ## Join, and start a device
// A new device reads the code that a coordinator shows, and starts from its saved state ever after.
export { Joining, type JoiningState } from './coordinator/enrol.js';
export { Device, type DeviceOptions } from './device/device.js';
export { Transport } from './device/transport.js';
export type {
  DeviceState,
  EpochSeed,
  NetworkState,
  RegistryState,
  PendingInvitation,
  WatchedEntries,
} from './device/state.js';

// ## Coordinate an organisation
// For devices that hold the key that certifies. Save `device.state` after each of these.
export { invite, certifyRequests, type InvitationOptions } from './coordinator/enrol.js';
export { maintainKeys, type MaintenanceFailure } from './coordinator/maintain.js';
export { coordinatorTasks, type CoordinatorTask } from './coordinator/tasks.js';
export { appointCoordinator, revokeDevice, type LostDevice } from './coordinator/revoke.js';
export {
  strangeEntries,
  acceptEntries,
  lostEntries,
  repostLostEntries,
  type StrangeEntry,
} from './coordinator/own-entries.js';
export { registerWitness, endWitness, missingWitnesses } from './coordinator/witness.js';
export { vouchForWebApp, checkWebApp, MANIFEST_PATH, type WebAppCheck } from './coordinator/web-app.js';

// ## Agree with other organisations
// Where the charter asks for agreements, referrals go along them and nowhere else.
export {
  proposeAgreement,
  listAgreements,
  readAgreement,
  signAgreement,
  endAgreement,
  mayRefer,
  servicesAlongAgreements,
} from './coordinator/agreements.js';
export { AGREEMENT_TEMPLATES } from './coordinator/agreement-templates.js';
export { unusualNamesOf } from './coordinator/unusual.js';
export { nameWarnings, type NameWarning, type UnusualName } from '../protocol/encoding/name-warnings.js';
export type { AgreementTerms, Proposal, KnownAgreement, ReadAgreement } from './coordinator/agreements.js';

// ## Publish a service
// What a service says of itself, and what it has free.
export { publishProfile } from './referral/directory.js';
export { normalProfile, ProfileRefused } from './coordinator/profile-form.js';
export { setCapacity, type StatedCapacity } from './referral/directory.js';
export { TAXONOMY, type TaxonomyTerm } from '../protocol/directory/taxonomy.js';
export type { ServiceProfile } from '../protocol/schemas/service-profile.js';

// ## Find a service
// Nothing that is sought, and nothing of what is known of a person, stands in a URL or is kept by the server.
export { searchServices } from './referral/directory.js';
export { listServices, pageServices, findService } from './referral/find.js';
export { getProfile } from './referral/directory.js';
export { isEligible } from '../protocol/directory/eligibility.js';
export { isOpenAt } from '../protocol/directory/hours.js';
export { holdPlace, endHold } from './referral/directory.js';
export type { Search, SearchedService } from './referral/directory.js';
export type { ListedService, ServicePage, FoundService } from './referral/find.js';
export type { PublishedProfile, Capacity, PlaceHold } from './referral/directory.js';
export type { Eligibility, EligibilityAnswers } from '../protocol/directory/eligibility.js';
export type { LocalTime } from '../protocol/directory/hours.js';
export type { RegisteredServiceKey } from '../protocol/registry/registry.js';

// ## Ask the person
// The notice is read to them, they say it back, and what they decide is recorded.
export { noticeText } from './translations/notice.js';
export { recordConsent, type Decision } from './referral/consent.js';
export type { ConsentRecord } from '../protocol/schemas/consent-record.js';

// ## Refer
// Seal, save what was sealed, send; after a crash send the same again.
export { intakeProblems } from '../protocol/directory/intake.js';
export { DuplicateFinder } from './referral/duplicates.js';
export { sealReferral } from './referral/seal.js';
export { uploadAttachment } from './referral/attachments.js';
export { sendReferral } from './referral/acts.js';
export { redirectDrafts } from './referral/redirect.js';
export { importDrafts } from './referral/import.js';
export type { ReferralDraft, SealResult, SealedReferral, SealedFile, CaseSecrets } from './referral/seal.js';
export type { HandoffRecord } from '../protocol/schemas/handoff-record.js';
export type { IntakeProblem } from '../protocol/directory/intake.js';
export type { PossibleDuplicate } from './referral/duplicates.js';
export type { RedirectDraft } from './referral/redirect.js';
export type {
  ImportSource,
  ImportTarget,
  Imported,
  ImportedDraft,
  ImportProblem,
} from './referral/import.js';

// ## Receive and act
// Acknowledge, open, answer; both services see the state, and write to each other.
export { listReferrals, pageReferrals, getReferral } from './referral/list.js';
export { acknowledge, act } from './referral/acts.js';
export { openReferral } from './referral/open.js';
export { attachmentsOf, downloadAttachment } from './referral/attachments.js';
export { listMessages, sendMessage } from './referral/messages.js';
export { events, eventPage } from './referral/events.js';
export type { Referral, ReferralQuery, ReferralPage } from './referral/list.js';
export type { OpenedReferral } from './referral/open.js';
export type { Act } from './referral/acts.js';
export type { Attachment } from './referral/attachments.js';
export type { ReadMessage, RefusedMessage } from './referral/messages.js';
export type { EventsOptions, EventPage, ReferralEvent, EventType } from './referral/events.js';

// ## Withdraw, renew, erase
// What was agreed to can be taken back at any time; what is over is erased, and said to be.
export { withdrawOnRequest } from './referral/acts.js';
export {
  prepareVoid,
  confirmVoid,
  confirmVoidByPaper,
  voidReferral,
  type VoidDraft,
} from './referral/void.js';
export { renewConsent } from './referral/renewals.js';
export { carryOverToCurrentEpoch } from './referral/carry-over.js';
export { reportErasures, dueErasures, stateErasure, type DueErasure } from './referral/erasures.js';

// ## The person's receipt
// A code on paper, no account.
export { Receipt, type ReceiptStatus } from './receipt/receipt.js';
export { OpenedReceipt } from './receipt/opened-receipt.js';
export { printedReceipt, type PrintedReceiptOptions } from './receipt/paper.js';
export { receiptFile, type ReceiptFileOptions } from './receipt/receipt-file.js';
export type { ReceiptStory, Party, Shared } from './receipt/receipt-story.js';
export { listFeedback, type FeedbackText } from './referral/feedback.js';

// ## Show text
// What others wrote can hide or turn something around: show it so.
export { visibleText, isolatedText, typedText } from '../protocol/encoding/plain-text.js';
export { translations, type Translations, type TranslationLanguage } from './translations/translations.js';

// ## Prove and audit
// A proof is provisional by the log alone, final once a quorum of witnesses has seen it.
export { isPublished } from './audit/published.js';
export { fetchProofs, fetchFinalProofs, type ProvenStatement } from './referral/proofs.js';
export { exportCase, type CaseFile } from './audit/case-file.js';
export {
  answerAudits,
  challengeLog,
  collectAudit,
  type AnsweredAudits,
  type Challenge,
  type CollectedAudit,
} from './audit/audits.js';
export { followTrusted } from './device/registry.js';
export type { Registry } from '../protocol/registry/registry.js';
export {
  copyPublicLog,
  copyCharters,
  listLogs,
  isLogPublished,
  lastLogEntry,
  type WriteFile,
} from './audit/public-log.js';
export { verifyLogs } from '../protocol/audit/verify-logs.js';
export type { AuditInput } from '../protocol/audit/input.js';
export type { AuditReport } from '../protocol/audit/report.js';

// ## Count, and take along
// An organisation may count its own, and take all that is its own with it.
export { ownFigures, figuresCsv, type Figure, type FiguresLanguage } from './referral/figures.js';
export {
  rememberPaperCode,
  exportOrganisation,
  openOrganisationExport,
  openExportedReferrals,
} from './referral/export.js';
export { exportPage } from './referral/export-page.js';
export type {
  OrganisationExport,
  ExportedReferral,
  SealedExport,
  OpenedExportedReferral,
} from './referral/export.js';

// ## Lists and errors
// Of a list that others have made, one bad item stops no other.
export { settleEach, type Settled, type RefusedItem } from './device/each.js';
export { Problem, Unreachable, type ProblemError } from './device/problem.js';
export { Refused } from '../protocol/encoding/errors.js';
