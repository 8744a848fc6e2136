import { toBase64url } from '../../../src/protocol/encoding/bytes.js';
import type { SigningKey } from '../../../src/protocol/crypto/keys.js';
import type { Payload } from '../../../src/protocol/schemas/signed.js';
import { sign } from '../../../src/protocol/encoding/signed.js';
import { TestNetwork, TODAY } from '../log/public-log.js';
import { revocationOf } from './registry.js';
import type { TestWitness } from '../log/test-log.js';

export type Change = Partial<Payload<'log-restored+jws'>>;

export interface Followed {
  readonly network: TestNetwork;
  readonly witness: TestWitness;
  /** Entries that the witness has seen, and one that it has not. */
  readonly kept: readonly string[];
  readonly revocation: string;
}

/**
 * A network with a witness, whose registry devices have followed, with a last entry that the witness never
 * saw.
 */
export function givenFollowed(): Followed {
  const network = new TestNetwork();
  const witness = network.addWitness(network.source);
  network.finish();
  const kept = [...network.entries];
  const { id, coordinator } = network.target;
  const revocation = revocationOf(network.at, { id }, network.target.epoch.keys.sign.kid, coordinator);
  return { network, witness, kept, revocation };
}

/** The log's word that it was put back, after so many entries. */
export function restoredOf(
  network: TestNetwork,
  entries: number,
  change: Change = {},
  key: SigningKey = network.registry.key,
): string {
  const { origin, leaves } = network.consent;
  const consent = { origin, size: leaves.length, root: toBase64url(network.consent.root()) };
  const payload = {
    network: network.network,
    key: toBase64url(key.publicKey),
    consent,
    entries,
    from: TODAY,
  };
  return sign('log-restored+jws', { ...payload, ...change }, key);
}
