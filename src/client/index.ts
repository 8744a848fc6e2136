/**
 * What a partner app imports as `relais/client`: found, enrol, find, consent, seal, send, list, open, act, withdraw,
 * verify. It runs in browsers and on Node; keys never leave it, and it believes the server nothing that it can check.
 */
export { Device, type DeviceOptions } from './device.js';
export type {
  DeviceState,
  EpochSeed,
  KeptInvitation,
  NetworkState,
  RegistryState,
  Watched,
} from './state.js';
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
} from './found.js';
export { Joining, certifyRequests, invite, type Invited, type JoiningState } from './enrol.js';
export {
  answerAudits,
  challengeLog,
  collectAudit,
  type AnsweredAudits,
  type Challenge,
  type CollectedAudit,
} from './audits.js';
export { maintainKeys, type Unmaintained } from './maintain.js';
export { eachByItself, type Judged, type RefusedItem } from './each.js';
export {
  acceptEntries,
  lostEntries,
  repostLostEntries,
  strangeEntries,
  type StrangeEntry,
} from './own-entries.js';
export { coordinatorTasks, type CoordinatorTask } from './tasks.js';
export { endWitness, missingWitnesses, registerWitness } from './witness.js';
export { appointCoordinator, revokeDevice, type LostDevice } from './revoke.js';
export {
  findService,
  listServices,
  pageServices,
  type FoundService,
  type ListedService,
  type ServicePage,
} from './find.js';
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
} from './agreements.js';
export { isolatedText, typedText, visibleText } from '../protocol/plain-text.js';
export { nameWarnings, type NameWarning, type UnusualName } from '../protocol/name-warnings.js';
export { unusualFounders, unusualNamesOf } from './unusual.js';
export { AGREEMENT_TEMPLATES } from './agreement-templates.js';
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
} from './directory.js';
export { normalProfile, ProfileRefused } from './profile-form.js';
export { isEligible, type Eligibility, type EligibilityAnswers } from '../protocol/directory/eligibility.js';
export { isOpenAt, type LocalTime } from '../protocol/directory/hours.js';
export { intakeProblems, type IntakeProblem } from '../protocol/directory/intake.js';
export { TAXONOMY, type TaxonomyTerm } from '../protocol/directory/taxonomy.js';
export type { ServiceProfile } from '../protocol/schemas/service-profile.js';
export { recordConsent, type Decision } from './consent.js';
export { noticeText } from './notice.js';
export {
  sealReferral,
  sendReferral,
  type CaseSecrets,
  type Sealed,
  type SealedFile,
  type SealedReferral,
  type ToSend,
} from './send.js';
export {
  acknowledge,
  act,
  fetchFinalProofs,
  fetchProofs,
  getReferral,
  listReferrals,
  openReferral,
  pageReferrals,
  withdrawOnWord,
  type Act,
  type OpenedReferral,
  type ProvenStatement,
  type Referral,
  type ReferralPage,
} from './referrals.js';
export { confirmVoid, confirmVoidByPaper, prepareVoid, voidReferral, type VoidDraft } from './void.js';
export {
  carryToPresentEpoch,
  dueErasures,
  renewConsent,
  reportErasures,
  sayErased,
  type DueErasure,
} from './keep.js';
export { redirectDrafts, type RedirectDraft } from './redirect.js';
export { attachmentsOf, downloadAttachment, uploadAttachment, type Attachment } from './attachments.js';
export { listMessages, sendMessage, type ReadMessage, type RefusedMessage } from './messages.js';
export {
  eventPage,
  events,
  type EventPage,
  type EventsFrom,
  type EventType,
  type ReferralEvent,
} from './events.js';
export { Receipt, type ReceiptStatus } from './receipt.js';
export type { OpenedReceipt } from './opened-receipt.js';
export type { Party, ReceiptStory, Shared } from './receipt-story.js';
export { listFeedback, type FeedbackText } from './feedback.js';
export { printedReceipt, type PaperOf } from './paper.js';
export { receiptFile, type ReceiptFileOf } from './receipt-file.js';
export { words, type Words, type WordsLanguage } from './words.js';
export { exportCase, type CaseFile } from './case-file.js';
export { SentBefore, type Similar } from './similar.js';
export {
  importDrafts,
  type Imported,
  type ImportFor,
  type ImportProblem,
  type ImportSource,
} from './import.js';
export { figuresCsv, ownFigures, type Figure, type FiguresLanguage } from './figures.js';
export {
  exportOrganisation,
  openOrganisationExport,
  openTakenReferrals,
  rememberPaper,
  type OrganisationExport,
  type SealedExport,
  type TakenReferral,
} from './export.js';
export { exportPage } from './export-page.js';
export { copyCharters, copyPublicLog, isSeen, lastEntry, logsOf, type Write } from './public-log.js';
export { checkWebApp, MANIFEST_PATH, vouchForWebApp, type WebAppCheck } from './web-app.js';
export { followTrusted } from './registry.js';
export { isPublished } from './published.js';
export { Problem, Unreachable, type ProblemError } from './problem.js';
export { Transport } from './transport.js';
export { defaultCharter, type Charter } from '../protocol/charter.js';
export { canonicalText } from '../protocol/json.js';
export type { AuditInput } from '../protocol/audit/input.js';
export type { AuditReport } from '../protocol/audit/report.js';
export { verifyLogs } from '../protocol/audit/verify-logs.js';
export { Refused } from '../protocol/errors.js';
