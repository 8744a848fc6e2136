import { ALGORITHM, noteKey, type NoteKey } from '../log/note.js';
import { formatPolicy, type PolicyWitness } from '../log/policy.js';
import { witnessName } from '../log/witness.js';
import type { RegisteredWitness, Registry } from './registry.js';

/** The witnesses of a registry of that many entries: shown by then, and not yet revoked. */
export function witnessesAt(registry: Registry, size: number): PolicyWitness[] {
  return [...registry.witnesses.values()]
    .filter(({ index, revokedAt }) => index < size && (revokedAt === undefined || revokedAt >= size))
    .map((witness) => policyWitness(registry.trust.network, witness));
}

/** Keys of all that were ever witnesses: what an older checkpoint may be cosigned by. */
export function everyWitness(registry: Registry): NoteKey[] {
  const { network } = registry.trust;
  return [...registry.witnesses.values()].map((witness) => policyWitness(network, witness).key);
}

/** The policy (C2SP tlog-policy) of a registry of that many entries. */
export function policyAt(registry: Registry, logs: readonly NoteKey[], size: number): string {
  return formatPolicy(logs, witnessesAt(registry, size));
}

export function policyWitness(
  network: string,
  { organisation, key, url }: Pick<RegisteredWitness, 'organisation' | 'key' | 'url'>,
): PolicyWitness {
  return { organisation, key: noteKey(witnessName(network, organisation), ALGORITHM.cosignature, key), url };
}
