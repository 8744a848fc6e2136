import { fromBase64url, idToBytes, newId, randomBytes, toBase64url, utf8 } from '../encoding/bytes.js';
import type { Charter } from '../registry/charter.js';
import { check } from '../encoding/check.js';
import { parseFields, verifyConsentRecord } from '../consent/consent-record.js';
import type { ReceiptKeys } from '../encoding/codes.js';
import { boxKeyId, type EpochKeys, type SigningKey } from '../crypto/keys.js';
import { commitTo, KIND, ROLE } from '../envelope/envelope.js';
import { refuse } from '../encoding/errors.js';
import { strictText } from '../encoding/json.js';
import { requirePlainText } from '../encoding/plain-text.js';
import { mayCarry } from '../registry/refused-fields.js';
import { ConsentRecord } from '../schemas/consent-record.js';
import type { Handoff } from '../schemas/handoff.js';
import { HandoffRecord } from '../schemas/handoff-record.js';
import { sealEnvelope, type SealedEnvelope } from '../envelope/seal-envelope.js';
import type { ConsentGiven } from '../schemas/statements.js';
import { hashText, sign } from '../encoding/signed.js';

export interface HandoffToSeal {
  /** The yearless name of the consent log. */
  readonly log: string;
  readonly referral: string;
  readonly from: { readonly service: string; readonly keys: EpochKeys };
  /** The service's current box key, as the registry shows it. */
  readonly to: { readonly service: string; readonly box: Uint8Array };
  readonly consentRecord: ConsentRecord;
  readonly record: HandoffRecord;
  readonly person: ReceiptKeys;
  readonly device: { readonly sign: SigningKey; readonly certificate: string };
  /** What the charter in force says that no handoff may carry, but for the services that it excepts. */
  readonly refusedFields: Charter['refusedFields'];
  /** The day of sealing, which the release carries; the consent keeps its own. */
  readonly day: string;
}

/** A consent that is signed and not yet used: its hash is known, so attachments can be sealed under it. */
export interface SignedConsent {
  readonly id: string;
  /** The text of consent.given. */
  readonly given: string;
  /** The commitment to the names of the fields. */
  readonly fields: string;
  readonly secrets: Pick<Handoff, 'consentRecord' | 'fields' | 'salts'>;
}

export interface SealedHandoff extends SealedEnvelope {
  /** consent.given and handoff.released, each with the opening of its leaf. */
  readonly statements: readonly { readonly jws: string; readonly opening: string }[];
  /** The texts behind the commitments; they also lie sealed inside. */
  readonly secrets: Pick<Handoff, 'consentRecord' | 'fields' | 'salts'>;
}

/**
 * Signs consent.given. Refuses a member that the person did not agree to, and what no handoff may carry; a
 * day that the consent does not hold; a text that is not plain, naming its member; a consent record that no
 * receiver would take.
 */
export function signConsent(handoff: HandoffToSeal): SignedConsent {
  requireConsented(handoff);
  requireAllowed(handoff);
  const secrets = commitSecrets(handoff.consentRecord);
  const fields = toBase64url(commitTo('fields', fromBase64url(secrets.salts.fields), secrets.fields));
  const id = newId();
  return { id, given: signGiven(handoff, id, secrets, fields), fields, secrets };
}

/**
 * Makes everything that one send needs: the consent's statement, the envelope sealed to receiver, sender and
 * person, the release that signs its digest. Refuses what `signConsent` refuses, of the record as it is now:
 * attachments that were sealed under the consent are in it; and, as every receiver will, a record that is not
 * of its schema.
 */
export function sealHandoff(handoff: HandoffToSeal, consent = signConsent(handoff)): SealedHandoff {
  requireConsented(handoff);
  requireAllowed(handoff);
  const { id, given, fields, secrets } = consent;
  const envelope = sealTo(handoff, given, secrets);
  const released = signReleased(handoff, id, given, { fields, digest: toBase64url(envelope.digest) });
  return { ...envelope, statements: [given, released].map(withOpening), secrets };
}

function requireConsented({ consentRecord, record, day }: HandoffToSeal): void {
  if (!check(ConsentRecord, consentRecord)) refuse('consent-record');
  requirePlainText(ConsentRecord, consentRecord, '/consent');
  if (day < consentRecord.day || day > consentRecord.sendUntil) refuse('dates');
  if (Object.keys(record).some((field) => !consentRecord.fields.includes(field))) refuse('record-members');
}

/**
 * A member that is not among those of every handoff needs an exception that the network has voted for this
 * service.
 */
function requireAllowed({ record, refusedFields, to }: HandoffToSeal): void {
  const fields = Object.keys(record);
  if (!fields.every((field) => mayCarry(field, to.service, refusedFields))) refuse('refused-field');
  requirePlainText(HandoffRecord, record, '/record');
}

function commitSecrets(record: ConsentRecord): SealedHandoff['secrets'] {
  return {
    consentRecord: strictText(record),
    fields: strictText(record.fields),
    salts: { fields: toBase64url(randomBytes(32)), consentRecord: toBase64url(randomBytes(32)) },
  };
}

function signGiven(
  handoff: HandoffToSeal,
  consent: string,
  secrets: SealedHandoff['secrets'],
  fields: string,
): string {
  const { consentRecord, from, to, person } = handoff;
  const recordSalt = fromBase64url(secrets.salts.consentRecord);
  const payload: ConsentGiven = {
    log: handoff.log,
    kind: 'consent.given',
    consent,
    referral: handoff.referral,
    prev: null,
    day: consentRecord.day,
    from: from.service,
    to: to.service,
    purpose: consentRecord.purpose,
    notice: `${consentRecord.notice.family}@${consentRecord.notice.version}`,
    sendUntil: consentRecord.sendUntil,
    keepUntil: consentRecord.keepUntil,
    person: toBase64url(person.sign.publicKey),
    personBox: toBase64url(person.box.id),
    fields,
    consentRecord: toBase64url(commitTo('consent-record', recordSalt, secrets.consentRecord)),
  };
  verifyConsentRecord(secrets.consentRecord, parseFields(secrets.fields), payload);
  return sign('consent-statement+jws', payload, from.keys.sign);
}

function sealTo(handoff: HandoffToSeal, given: string, secrets: SealedHandoff['secrets']): SealedEnvelope {
  const { from, to, person, device, record } = handoff;
  return sealEnvelope({
    kind: KIND.handoff,
    referral: idToBytes(handoff.referral),
    consent: hashText(given),
    recipients: [
      { role: ROLE.receiver, publicKey: to.box },
      { role: ROLE.sender, publicKey: from.keys.box.publicKey },
      { role: ROLE.person, publicKey: person.box.publicKey },
    ],
    content: (ctxHash) => {
      const payload = { ctx: toBase64url(ctxHash), record, ...secrets, certificate: device.certificate };
      return utf8(sign('handoff+jws', payload, device.sign));
    },
  });
}

function signReleased(
  { log, referral, from, to, day }: HandoffToSeal,
  consent: string,
  given: string,
  commitments: { fields: string; digest: string },
): string {
  const payload = {
    log,
    kind: 'handoff.released' as const,
    consent,
    referral,
    prev: toBase64url(hashText(given)),
    day,
    toKey: toBase64url(boxKeyId(to.box)),
    ...commitments,
  };
  return sign('consent-statement+jws', payload, from.keys.sign);
}

function withOpening(jws: string): { jws: string; opening: string } {
  return { jws, opening: toBase64url(randomBytes(32)) };
}
