/**
 * What a partner app imports as `relais/client`: found, enrol, find, consent, seal, send, list, open, act, withdraw,
 * verify. It runs in browsers and on Node; keys never leave it, and it believes the server nothing that it can check.
 */
export { Device, type DeviceOptions } from './device.js';
export type { DeviceState, EpochSeed, KeptInvitation, NetworkState, RegistryState } from './state.js';
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
export { maintainKeys } from './maintain.js';
export { appointCoordinator, revokeDevice, type LostDevice } from './revoke.js';
export { findService, listServices, type FoundService, type ListedService } from './find.js';
export { recordConsent, type Decision } from './consent.js';
export { noticeText } from './notice.js';
export {
  sealReferral,
  sendReferral,
  type CaseSecrets,
  type Sealed,
  type SealedReferral,
  type ToSend,
} from './send.js';
export {
  acknowledge,
  act,
  fetchProofs,
  getReferral,
  listReferrals,
  openReferral,
  pageReferrals,
  withdrawOnWord,
  type Act,
  type ProvenStatement,
  type Referral,
  type ReferralPage,
} from './referrals.js';
export { Receipt, type ReceiptStatus } from './receipt.js';
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
  rememberPaper,
  type OrganisationExport,
} from './export.js';
export { copyPublicLog, type Write } from './public-log.js';
export { isPublished, publicLogs } from './published.js';
export { Problem, Unreachable } from './problem.js';
export { Transport } from './transport.js';
export { canonicalText, defaultCharter, type Charter } from '../protocol/charter.js';
export type { AuditInput } from '../protocol/audit/input.js';
export type { AuditReport } from '../protocol/audit/report.js';
export { verifyLogs } from '../protocol/audit/verify-logs.js';
export { Refused } from '../protocol/errors.js';
