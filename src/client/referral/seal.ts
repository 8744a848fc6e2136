import { requireVotedNotice } from '../../protocol/consent/consent-record.js';
import { sealSecond } from '../../protocol/crypto/second-seal.js';
import { intakeProblems } from '../../protocol/directory/intake.js';
import { newId, toBase64url } from '../../protocol/encoding/bytes.js';
import {
  newCode,
  deriveReceipt,
  requireCode,
  type ReceiptKeys,
  derivePaper,
} from '../../protocol/encoding/codes.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { hashText } from '../../protocol/encoding/signed.js';
import { normaliseWord } from '../../protocol/encoding/typed.js';
import { type SealedAttachment, sealAttachment } from '../../protocol/envelope/seal-attachment.js';
import {
  type HandoffToSeal,
  type SealedHandoff,
  sealHandoff,
  signConsent,
} from '../../protocol/handoff/seal-handoff.js';
import { verifyCertificate } from '../../protocol/registry/device-certificate.js';
import { currentEpoch } from '../../protocol/registry/registry-keys.js';
import type { ConsentRecord } from '../../protocol/schemas/consent-record.js';
import type { HandoffRecord } from '../../protocol/schemas/handoff-record.js';
import type { Device } from '../device/device.js';
import type { FoundService } from './find.js';
import { mediaTypeOf } from './media-type.js';

/** What is to be sealed: from whom, to whom, what the person agreed to, and what is passed on. */
export interface ReferralDraft {
  /** The service of this device's organisation that sends. */
  readonly from: string;
  /** Whom the person agreed to. Its key is looked up again in the registry when this is sealed. */
  readonly to: FoundService;
  readonly consent: ConsentRecord;
  readonly record: HandoffRecord;
  readonly priority: 'routine' | 'urgent' | 'stat';
  /**
   * A transfer can be released later: the receiving service then answers for it. A referral stays with its
   * source.
   */
  readonly kind?: 'referral' | 'transfer';
  /** Files that the person agreed to pass on; `attachments` is then among the fields that they agreed to. */
  readonly attachments?: readonly {
    readonly content: Blob;
    /** As `File.type` has it: empty where it is not known. */
    readonly type: string;
  }[];
  /** The word that the person chose to lock the content with, if they chose one. */
  readonly word?: string;
  /** A second code, for whoever decides with the person or for them; not where the person decides alone. */
  readonly secondCode?: true;
}

/**
 * A sealed referral, fixed to the byte: sending again never seals again. Plain JSON, so that it survives a
 * restart.
 */
export interface SealedReferral {
  readonly idempotencyKey: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly referral: string;
  /** What the sending service's own client keeps to answer an auditor; it never goes to the server. */
  readonly caseFile: CaseSecrets;
}

/** Texts and salts behind the commitments of a consent. */
export interface CaseSecrets {
  readonly consentRecord: string;
  readonly fields: string;
  readonly salts: { readonly fields: string; readonly consentRecord: string };
}

/**
 * A sealed file, to be uploaded before the referral is sent. The app keeps `body` beside the sealed referral
 * until then.
 */
export interface SealedFile {
  /** What the server is told: plain JSON. */
  readonly upload: { readonly attachment: string; readonly referral: string; readonly service: string };
  /** Sealed bytes: whoever finds them can open nothing. */
  readonly body: Blob;
}

/**
 * The sealed referral, and the code that is given to the person and then forgotten: it is in nothing that is
 * kept.
 */
export interface SealResult {
  readonly sealed: SealedReferral;
  readonly receiptCode: string;
  /** Given to the guardian, and forgotten as well. */
  readonly secondCode?: string;
  readonly files: readonly SealedFile[];
}

/**
 * Seals a handoff to the receiving service, the sending service and the person. Nothing leaves the device
 * yet. Refuses what the receiver could not open: a device whose certificate no longer holds, a service
 * without a present key, a notice in other words than the network has voted (`notice`); what the person did
 * not agree to, or no longer; texts that are not plain (`text`, naming the member); and a record that is not
 * as the service's intake profile has it (`intake`: `intakeProblems` says what). A consent that was recorded
 * off line can be sealed until its last day.
 * @throws Refused `key-not-current`, `key-not-granted`, `certificate`, `upgrade`: who sends, to whom
 * @throws Refused `notice`, `dates`, `consent-record`, `record-members`, `refused-field`, `second-code`:
 * what was agreed to
 * @throws Refused `intake`, `text`, `word`, `attachment-type`, `too-large`, with a pointer where a member is
 * meant
 * @example
 * const draft = { from: service, to: target, consent, record, priority: 'routine' } as const;
 * const { sealed, receiptCode } = await sealReferral(device, draft);
 * await save(sealed); // the code is shown or printed, and kept nowhere
 * show(receiptCode);
 */
export async function sealReferral(device: Device, send: ReferralDraft): Promise<SealResult> {
  if (intakeProblemsOf(send).length > 0) refuse('intake');
  send.attachments?.forEach(({ type }, i) => mediaTypeOf(type, `/attachments/${i}/type`));
  if (send.word && normaliseWord(send.word) === '') refuse('word', '/word');
  if (send.secondCode && send.consent.representation === 'none') refuse('second-code');
  const { refusedFields, notices } = await device.charter();
  requireVotedNotice(send.consent, { notices });
  const receiptCode = newCode();
  const receipt = await deriveReceipt(requireCode(receiptCode), send.word);
  const referral = newId();
  const day = await device.today();
  const handoff = {
    log: device.consentLog,
    referral,
    from: { service: send.from, keys: await device.epochOf(send.from, { day }) },
    to: { service: send.to.id, box: await presentBox(device, send.to.id, day) },
    consentRecord: send.consent,
    record: send.record,
    refusedFields,
    day,
    person: receipt,
    device: { sign: device.keys.sign, certificate: await presentCertificate(device, send.from, day) },
  };
  const second = sealSecondCode(receipt, referral);
  const { made, files } = await sealWithFiles(handoff, send.attachments ?? []);
  const body = {
    referral,
    kind: send.kind ?? 'referral',
    priority: send.priority,
    statements: made.statements,
    ctx: toBase64url(made.ctx),
    wraps: made.wraps.map(toBase64url),
    body: toBase64url(made.body),
    person: {
      box: toBase64url(receipt.box.publicKey),
      read: toBase64url(receipt.read.publicKey),
      word: (send.word ?? '') !== '',
      second: second.sealed,
    },
  };
  const sealed = { idempotencyKey: newId(), body, referral, caseFile: made.secrets };
  return { sealed, receiptCode, ...(send.secondCode && { secondCode: second.code }), files };
}

/**
 * Made for every referral, and forgotten where nobody is to have it: nobody can tell from outside who has a
 * guardian.
 */
function sealSecondCode(
  { sign, box, read }: ReceiptKeys,
  referral: string,
): { code: string; sealed: { kid: string; sealed: string } } {
  const code = newCode();
  const keys = derivePaper(requireCode(code), 'guardian');
  const seeds = { sign: sign.seed, box: box.seed, read: read.seed };
  const sealed = toBase64url(sealSecond(seeds, referral, keys.box.publicKey));
  return { code, sealed: { kid: keys.sign.kid, sealed } };
}

/** Files are sealed under the consent, and the record names them: whoever can read it can open them. */
async function sealWithFiles(
  handoff: HandoffToSeal,
  attachments: NonNullable<ReferralDraft['attachments']>,
): Promise<{ made: SealedHandoff; files: SealedFile[] }> {
  if (attachments.length === 0) return { made: sealHandoff(handoff), files: [] };
  const { referral, from } = handoff;
  const consent = signConsent(handoff);
  const of = { referral, consent: hashText(consent.given) };
  const sealed: SealedAttachment[] = [];
  for (const { content, type } of attachments)
    sealed.push(await sealAttachment(of, content, mediaTypeOf(type)));
  const record = { ...handoff.record, attachments: sealed.map(({ attachment }) => attachment) };
  const files = sealed.map(({ attachment, body }) => ({
    upload: { attachment: attachment.id, referral, service: from.service },
    body,
  }));
  return { made: sealHandoff({ ...handoff, record }, consent), files };
}

function intakeProblemsOf({ to, record }: ReferralDraft): readonly unknown[] {
  return to.profile ? intakeProblems(to.profile.intake, record) : [];
}

/** The receiver's key as the followed registry shows it: never one that was handed out. */
export async function presentBox(device: Device, service: string, day: string): Promise<Uint8Array> {
  return (currentEpoch(await device.registry(), service, day) ?? refuse('key-not-current')).box;
}

/** The device's certificate, as the receiver will judge it. */
export async function presentCertificate(device: Device, service: string, day: string): Promise<string> {
  const certificate = await device.certificateOn(day);
  verifyCertificate(certificate, { services: [service], day }, await device.registry());
  return certificate;
}
