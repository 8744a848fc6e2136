import { fromBase64url, toBase64url } from '../../../protocol/encoding/bytes.js';
import { requireAppointed, type Charter } from '../../../protocol/registry/charter.js';
import { boxKeyId, isUsableBox, requireGoodKey } from '../../../protocol/crypto/keys.js';
import { CERTIFICATE_DAYS, daysBetween } from '../../../protocol/encoding/days.js';
import { checkText, refuse } from '../../../protocol/encoding/errors.js';
import { readUnverified, verifySigned, type Keyring } from '../../../protocol/encoding/signed.js';
import type { Payload } from '../../../protocol/schemas/signed.js';
import { authThumbprint } from '../../common/access/index.js';

export type Certificate = Payload<'device-certificate+jws'>;

/** What the server knows and a certificate must fit. */
export interface CertificateContext {
  readonly network: string;
  readonly organisation: string;
  /** Unrevoked coordinator keys of that organisation. */
  readonly coordinators: Keyring;
  /** Ids of the organisation's services. */
  readonly services: ReadonlySet<string>;
  /** The charter in force: who appoints auditors and observers. */
  readonly charter: Pick<Charter, 'auditors' | 'observers'>;
  /** Today in the charter's time zone. */
  readonly today: string;
}

export interface CertifiedDevice {
  readonly certificate: Certificate;
  readonly text: string;
  readonly authThumbprint: string;
  readonly box: Uint8Array;
}

/**
 * Everything that makes a certificate one that this server takes in. Whoever sends it chose all of its bytes.
 * @throws Refused
 */
export function verifyCertificate(text: string, boxB64: string, within: CertificateContext): CertifiedDevice {
  return checkText(text, () => verified(text, boxB64, within));
}

function verified(text: string, boxB64: string, within: CertificateContext): CertifiedDevice {
  const { payload: certificate } = verifySigned(text, 'device-certificate+jws', within.coordinators);
  if (certificate.network !== within.network) refuse('network', '/network');
  if (certificate.organisation !== within.organisation) refuse('signer', '/organisation');
  requireAppointed(certificate.role, certificate.organisation, within.charter);
  requireDays(certificate, within.today);
  requireServices(certificate.services, within.services);
  requireGoodKey(fromBase64url(certificate.key));
  const box = requireBox(boxB64, certificate.boxId);
  return { certificate, text, authThumbprint: authThumbprint(certificate.auth), box };
}

/**
 * The organisation that a certificate claims, before its signature was checked: only to find the keys to
 * check it with.
 */
export function claimedOrganisation(text: string): string {
  const { payload } = readUnverified(text);
  const claimed = (payload as { organisation?: unknown } | null)?.organisation;
  return typeof claimed === 'string' ? claimed : refuse('schema');
}

/**
 * One that has not begun would be of no use to its device: no receiver takes it before its day. The
 * coordinator, whose clock is ahead, is told now.
 */
function requireDays({ from, until }: Certificate, today: string): void {
  const days = daysBetween(from, until) + 1;
  if (from > today) refuse('dates', '/from');
  if (days < 1 || days > CERTIFICATE_DAYS || until < today) refuse('dates', '/until');
}

function requireServices(services: readonly string[], own: ReadonlySet<string>): void {
  if (new Set(services).size !== services.length) refuse('services', '/services');
  if (!services.every((service) => own.has(service))) refuse('services', '/services');
}

/** The raw X-Wing key, if it is one, and the one that the id names: to anything else nobody could seal. */
export function requireBox(boxB64: string, boxId: string): Uint8Array {
  const box = fromBase64url(boxB64);
  if (box.length !== 1216 || toBase64url(boxKeyId(box)) !== boxId) refuse('key-id', '/boxId');
  if (!isUsableBox(box)) refuse('box-key');
  return box;
}
