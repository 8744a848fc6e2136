import { stateOn } from '../../../protocol/registry/agreements.js';
import { addDays } from '../../../protocol/encoding/days.js';
import { refuse } from '../../../protocol/encoding/errors.js';
import { isPlainText } from '../../../protocol/encoding/plain-text.js';
import type { Registry } from '../../../protocol/registry/registry.js';
import { readUnverified, requirePayload } from '../../../protocol/encoding/signed.js';
import { DomainError } from '../../common/errors/index.js';
import { currentCoordinators } from './registry.rules.js';

/**
 * What a coordinator may add alone: keys of its own organisation and their revocations, its word on
 * agreements. Members and charters change by vote. Called before the registry verifies the signatures, so
 * nothing here is believed, only refused.
 * @throws Refused
 */
export function requireOwnEntry(text: string, organisation: string, registry: Registry): void {
  if (entryOwner(text, registry) !== organisation) refuse('signer');
}

function entryOwner(text: string, registry: Registry): string | undefined {
  const { header, payload } = readUnverified(text);
  switch (header.typ) {
    case 'coordinator-key+jws':
    case 'revocation+jws':
    case 'agreement-end+jws':
    case 'witness+jws':
    case 'web-app+jws':
      return requirePayload(header.typ, payload).organisation;
    case 'service-key+jws':
      return requirePayload(header.typ, payload).organisation.id;
    case 'agreement+jws':
      return registry.coordinators.get(header.kid)?.organisation;
    default:
      return refuse('typ');
  }
}

/**
 * A new name hides nothing and turns nothing around. One that the registry has shown since before this rule
 * stays: whoever bears it needs new keys every month. `registry` is the one before the entry.
 * @throws Refused text
 */
export function requirePlainName(text: string, { serviceKeys }: Registry): void {
  const { header, payload } = readUnverified(text);
  if (header.typ === 'organisation+jws' && !isPlainText(requirePayload(header.typ, payload).name))
    refuse('text', '/name');
  if (header.typ !== 'service-key+jws') return;
  const { id, name } = requirePayload(header.typ, payload).service;
  const isShown = (): boolean =>
    [...serviceKeys.values()].some(({ service }) => service.id === id && service.name === name);
  if (!isPlainText(name) && !isShown()) refuse('text', '/service/name');
}

/**
 * An agreement ends no earlier than its text says: never retroactively, and with notice where all have
 * signed. `registry` is the one before the entry.
 * @throws Refused
 */
export function requireNotice(registry: Registry, text: string, today: string): void {
  const { header, payload } = readUnverified(text);
  if (header.typ !== 'agreement-end+jws') return;
  const end = requirePayload(header.typ, payload);
  const agreement = registry.agreements.get(end.agreement) ?? refuse('chain');
  const isProposed = stateOn(agreement, today) === 'proposed';
  if (end.from < addDays(today, isProposed ? 0 : agreement.terms.noticeDays)) refuse('dates');
}

/**
 * A coordinator key may be revoked as long as another one of the organisation is left, by whichever route:
 * without any, the organisation could never staff itself again. `registry` is the one that all entries
 * together have made.
 * @throws DomainError second_device_required
 */
export function requireCoordinatorLeft(
  before: Registry,
  registry: Registry,
  { organisation, today }: { readonly organisation: string; readonly today: string },
): void {
  const had = currentCoordinators(before, organisation, today);
  const left = currentCoordinators(registry, organisation, today);
  if (left.size === 0 && had.size > 0) throw new DomainError('second_device_required');
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
