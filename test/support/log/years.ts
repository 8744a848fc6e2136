import { toBase64url } from '../../../src/protocol/encoding/bytes.js';
import type { SigningKey } from '../../../src/protocol/crypto/keys.js';
import type { Payload } from '../../../src/protocol/schemas/signed.js';
import { sign } from '../../../src/protocol/encoding/signed.js';
import { YEAR, type TestNetwork } from './public-log.js';
import { TestLog } from './test-log.js';

/** What whoever holds the log does otherwise than is right. */
export interface TurnChange {
  readonly announced?: Partial<Payload<'log-key+jws'>>;
  readonly announcedBy?: SigningKey;
  readonly opening?: Partial<Payload<'log-opening+jws'>>;
  readonly openedBy?: SigningKey;
  /** Of the next year's logs, where it is not the announced one. */
  readonly next?: Partial<Record<'consent' | 'registry', SigningKey>>;
  /** Before the new year's first anchor. */
  readonly anchorTo?: number;
}

export const NEW_YEARS_DAY = `${YEAR + 1}-01-01`;

/** Ends a year's pair of logs, and begins the next one's. */
export function turnYear(network: TestNetwork, change: TurnChange = {}): void {
  const next = nextLogs(network);
  const [oldKey, newKey] = [change.announcedBy ?? network.registry.key, change.openedBy ?? next.registry.key];
  const { registry, consent } = network;
  network.register(
    sign('log-key+jws', { ...announcedOf(network, next, oldKey), ...change.announced }, oldKey),
  );
  network.finish();
  const opening = openingOf(network, newKey);
  network.ended.push({ year: network.year, consent, registry, policy: network.policy });
  const { next: keys = {} } = change;
  network.registry = keys.registry ? new TestLog(next.registry.origin, keys.registry) : next.registry;
  network.consent = keys.consent ? new TestLog(next.consent.origin, keys.consent) : next.consent;
  network.year++;
  network.register(sign('log-opening+jws', { ...opening, ...change.opening }, newKey));
  if (change.anchorTo === undefined) network.anchor();
}

function nextLogs({ network, year }: TestNetwork): Record<'consent' | 'registry', TestLog> {
  return {
    consent: new TestLog(`relais-${network}/consent/${year + 1}`),
    registry: new TestLog(`relais-${network}/registry/${year + 1}`),
  };
}

function announcedOf(
  { network }: TestNetwork,
  { consent, registry }: Record<'consent' | 'registry', TestLog>,
  key: SigningKey,
): Payload<'log-key+jws'> {
  const vkeys = { consent: consent.vkey, registry: registry.vkey };
  return { network, key: toBase64url(key.publicKey), ...vkeys, from: NEW_YEARS_DAY };
}

/** The true one, of the pair that is written to. */
export function openingOf(
  { network, consent, registry }: TestNetwork,
  key: SigningKey,
): Payload<'log-opening+jws'> {
  const trees = { consent: treeOf(consent), registry: treeOf(registry) };
  return { network, key: toBase64url(key.publicKey), ...trees, from: NEW_YEARS_DAY };
}

/** A log's tree, as entries of the registry name one. */
export function treeOf(log: TestLog, size = log.leaves.length): Payload<'log-opening+jws'>['consent'] {
  return { origin: log.origin, size, root: toBase64url(log.root(size)) };
}
