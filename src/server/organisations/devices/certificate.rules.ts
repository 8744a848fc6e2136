import { fromBase64url, toBase64url } from '../../../protocol/bytes.js';
import type { Charter } from '../../../protocol/charter.js';
import { boxKeyId, requireGoodKey } from '../../../protocol/crypto/keys.js';
import { addDays, CERTIFICATE_DAYS, daysBetween } from '../../../protocol/days.js';
import { checkText, refuse } from '../../../protocol/errors.js';
import { readUnverified, verifySigned, type Keyring } from '../../../protocol/signed.js';
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
  requireRole(certificate, within.charter);
  requireDays(certificate, within.today);
  requireServices(certificate.services, within.services);
  requireGoodKey(fromBase64url(certificate.key));
  const box = requireBox(boxB64, certificate.boxId);
  return { certificate, text, authThumbprint: authThumbprint(certificate.auth), box };
}

/** The organisation that a certificate claims, before its signature was checked: only to find the keys to check it with. */
export function claimedOrganisation(text: string): string {
  const { payload } = readUnverified(text);
  const claimed = (payload as { organisation?: unknown } | null)?.organisation;
  return typeof claimed === 'string' ? claimed : refuse('schema');
}

/** Whose people audit or observe, the members have decided in the charter; a coordinator alone cannot make one. */
function requireRole(
  { role, organisation }: Certificate,
  { auditors, observers }: CertificateContext['charter'],
): void {
  const appointed = {
    worker: true,
    coordinator: true,
    auditor: auditors.includes(organisation),
    observer: observers.includes(organisation),
  };
  if (!appointed[role]) refuse('role', '/role');
}

/** A device's clock may be a day ahead of ours around midnight. */
function requireDays({ from, until }: Certificate, today: string): void {
  const days = daysBetween(from, until) + 1;
  if (from > addDays(today, 1)) refuse('dates', '/from');
  if (days < 1 || days > CERTIFICATE_DAYS || until < today) refuse('dates', '/until');
}

function requireServices(services: readonly string[], own: ReadonlySet<string>): void {
  if (new Set(services).size !== services.length) refuse('services', '/services');
  if (!services.every((service) => own.has(service))) refuse('services', '/services');
}

/** The raw X-Wing key, if it is the one that the id names. */
export function requireBox(boxB64: string, boxId: string): Uint8Array {
  const box = fromBase64url(boxB64);
  if (box.length !== 1216 || toBase64url(boxKeyId(box)) !== boxId) refuse('key-id', '/boxId');
  return box;
}
