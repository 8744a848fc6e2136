import type { SigningKey } from '../../../src/protocol/crypto/keys.js';
import { followRegistry, type Registry } from '../../../src/protocol/registry/registry.js';
import { sign } from '../../../src/protocol/encoding/signed.js';
import type { Named, Setting } from './founders.js';

/** The check at which a registry refuses to go on with these entries; undefined where it does not. */
export function refusal(registry: Registry, ...entries: string[]): string | undefined {
  try {
    followRegistry(registry, entries);
    return undefined;
  } catch (error) {
    return (error as { check: string }).check;
  }
}

export function revocationOf(at: Setting, of: Pick<Named, 'id'>, key: string, by: SigningKey): string {
  const payload = { network: at.network, organisation: of.id, key, from: at.today, reason: 'device-lost' };
  return sign('revocation+jws', payload, by);
}
