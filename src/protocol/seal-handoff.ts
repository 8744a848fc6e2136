import { fromBase64url, idToBytes, newId, randomBytes, toBase64url, utf8 } from './bytes.js';
import { REFUSED_FIELDS } from './charter.js';
import type { ReceiptKeys } from './codes.js';
import { boxKeyId, type EpochKeys, type SigningKey } from './crypto/keys.js';
import { commitTo, KIND, ROLE } from './envelope.js';
import { refuse } from './errors.js';
import type { ConsentRecord } from './schemas/consent-record.js';
import type { Handoff } from './schemas/handoff.js';
import type { HandoffRecord } from './schemas/handoff-record.js';
import { sealEnvelope, type SealedEnvelope } from './seal-envelope.js';
import { hashText, sign } from './signed.js';

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
  /** Refused fields that the network has voted an exception for, for this service. */
  readonly exceptions?: readonly string[];
}

export interface SealedHandoff extends SealedEnvelope {
  /** consent.given and handoff.released, each with the opening of its leaf. */
  readonly statements: readonly { readonly jws: string; readonly opening: string }[];
  /** The texts behind the commitments; they also lie sealed inside. */
  readonly secrets: Pick<Handoff, 'consentRecord' | 'fields' | 'salts'>;
}

/**
 * Makes everything that one send needs: the consent's statement, the envelope sealed to receiver, sender and person, the
 * release that signs its digest. Refuses a member that the person did not agree to, and what no handoff may carry.
 */
export function sealHandoff(handoff: HandoffToSeal): SealedHandoff {
  const { consentRecord, record } = handoff;
  requireConsented(record, consentRecord.fields, handoff.exceptions ?? []);
  const secrets = commitSecrets(consentRecord);
  const fields = toBase64url(commitTo('fields', fromBase64url(secrets.salts.fields), secrets.fields));
  const consent = newId();
  const given = signGiven(handoff, consent, secrets, fields);
  const envelope = sealTo(handoff, given, secrets);
  const released = signReleased(handoff, consent, given, { fields, digest: toBase64url(envelope.digest) });
  return { ...envelope, statements: [given, released].map(withOpening), secrets };
}

function requireConsented(
  record: HandoffRecord,
  fields: readonly string[],
  exceptions: readonly string[],
): void {
  const present = Object.keys(record);
  if (present.some((field) => !fields.includes(field))) refuse('record-members');
  const refused: readonly string[] = REFUSED_FIELDS;
  if (present.some((field) => refused.includes(field) && !exceptions.includes(field)))
    refuse('refused-field');
}

function commitSecrets(record: ConsentRecord): SealedHandoff['secrets'] {
  return {
    consentRecord: JSON.stringify(record),
    fields: JSON.stringify(record.fields),
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
  const payload = {
    log: handoff.log,
    kind: 'consent.given' as const,
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
  { log, referral, from, to, consentRecord }: HandoffToSeal,
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
    day: consentRecord.day,
    toKey: toBase64url(boxKeyId(to.box)),
    ...commitments,
  };
  return sign('consent-statement+jws', payload, from.keys.sign);
}

function withOpening(jws: string): { jws: string; opening: string } {
  return { jws, opening: toBase64url(randomBytes(32)) };
}
