import { thumbprint } from '../../protocol/crypto/keys.js';
import { toBase64url } from '../../protocol/encoding/bytes.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { openNote } from '../../protocol/log/note.js';
import { witnessesAt } from '../../protocol/registry/registry-witnesses.js';
import { sign } from '../../protocol/encoding/signed.js';
import type { Device } from '../device/device.js';
import { logPath, newestLog } from '../device/log-path.js';

/**
 * Registers the organisation's witness: from now on its cosignature counts in the quorum. `key` is the raw
 * Ed25519 key that `relais witness new` printed; `url` is where it takes checkpoints, for a witness that does
 * not come for them.
 * @throws Refused `not-a-coordinator`; Problem `statement_invalid` where the organisation has another
 * witness
 * @example
 * const key = new Uint8Array(32); // printed by `relais witness new`
 * await registerWitness(coordinator, { key, url: 'https://witness.example' });
 */
export async function registerWitness(
  coordinator: Device,
  { key, url }: { readonly key: Uint8Array; readonly url?: string | undefined },
): Promise<void> {
  const payload = {
    network: coordinator.network,
    organisation: coordinator.organisation.id,
    key: toBase64url(key),
    ...(url === undefined ? {} : { url }),
    from: await coordinator.today(),
  };
  const registry = await coordinator.registry();
  const shown = registry.witnesses.get(thumbprint(key));
  // told again after a crash
  if (shown?.organisation === payload.organisation && shown.revokedAt === undefined) return;
  await coordinator.postEntries([sign('witness+jws', payload, coordinator.coordinatorKey())]);
}

/**
 * The organisation's witness counts no more: its key was lost, or another one is about to be registered.
 * @throws Refused `witness` where the organisation has none; `not-a-coordinator`
 * @example
 * await endWitness(coordinator);
 */
export async function endWitness(coordinator: Device, reason = 'witness-ended'): Promise<void> {
  const organisation = coordinator.organisation.id;
  const { witnesses } = await coordinator.registry();
  const own = [...witnesses.values()].find(
    (witness) => witness.organisation === organisation && witness.revokedAt === undefined,
  );
  const { kid } = own ?? refuse('witness');
  const from = await coordinator.today();
  const payload = { network: coordinator.network, organisation, key: kid, from, reason };
  await coordinator.postEntries([sign('revocation+jws', payload, coordinator.coordinatorKey())]);
}

/**
 * Names of the organisations whose witness has not yet seen the newest checkpoint of a log: whom to call when
 * proofs stay provisional.
 * @throws Refused `checkpoint` where the server gives no signed note
 * @example
 * show(await missingWitnesses(device)); // names of organisations to call
 */
export async function missingWitnesses(device: Device): Promise<string[]> {
  const registry = await device.registry();
  const witnesses = witnessesAt(registry, registry.entries.length);
  const missing = new Set<string>();
  const { policy } = device.follower;
  for (const { name } of [newestLog(policy, 'registry'), newestLog(policy, 'consent')]) {
    const note = (await device.transport.bytes(`${logPath(name)}/cosignatures`)) ?? refuse('checkpoint');
    const keys = [...policy.logs, ...witnesses.map(({ key }) => key)];
    const signed = new Set(openNote(note, keys).signatures.map(({ key }) => key.name));
    for (const { organisation, key } of witnesses) if (!signed.has(key.name)) missing.add(organisation);
  }
  return [...missing].map((organisation) => registry.organisations.get(organisation)?.name ?? organisation);
}
