import { refuse } from '../../../protocol/errors.js';
import type { Registry } from '../../../protocol/registry.js';
import { readUnverified, requirePayload } from '../../../protocol/signed.js';
import { addDays } from '../../../protocol/days.js';

/**
 * What a coordinator may add alone: keys of its own organisation and their revocations. Members and charters change by
 * vote. Called before the registry verifies the signatures, so nothing here is believed, only refused.
 * @throws Refused
 */
export function requireOwnEntry(text: string, organisation: string): void {
  if (entryOwner(text) !== organisation) refuse('signer');
}

function entryOwner(text: string): string {
  const { header, payload } = readUnverified(text);
  switch (header.typ) {
    case 'coordinator-key+jws':
      return requirePayload(header.typ, payload).organisation;
    case 'revocation+jws':
      return requirePayload(header.typ, payload).organisation;
    case 'service-key+jws':
      return requirePayload(header.typ, payload).organisation.id;
    default:
      return refuse('typ');
  }
}

/**
 * The registry knows no today, so an entry by a coordinator key past its days would hold; here it does not.
 * `registry` is the one that the entry has made.
 * @throws Refused
 */
export function requireCurrentSigner(registry: Registry, text: string, today: string): void {
  const signer = registry.coordinators.get(readUnverified(text).header.kid);
  if (signer && (signer.from > addDays(today, 1) || signer.until < today)) refuse('dates');
}
