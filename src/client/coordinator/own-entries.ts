import { toBase64url } from '../../protocol/encoding/bytes.js';
import { unusualNames, type UnusualName } from '../../protocol/encoding/name-warnings.js';
import type { Registry } from '../../protocol/registry/registry.js';
import { hashText, readUnverified } from '../../protocol/encoding/signed.js';
import type { Device } from '../device/device.js';
import { settleEach, type Settled } from '../device/each.js';

/** An entry of the registry in the organisation's name that this device did not post. */
export interface StrangeEntry {
  readonly index: number;
  /** Its typ: `service-key+jws`, `revocation+jws`, … */
  readonly typ: string;
  /** First day of what it says, `YYYY-MM-DD`. */
  readonly from: string;
  /** Names in it at which to look twice: a service's, say. */
  readonly unusual: readonly UnusualName[];
}

/**
 * What has appeared in the organisation's name since this coordinator's device first looked, and that neither
 * it posted nor somebody has called known (`acceptEntries`). A colleague's device made it, or a stolen key
 * did: only people can tell, so show each one, and where nobody made it revoke the keys (`revokeDevice`).
 * Save `device.state` afterwards.
 * @throws Refused `rollback`, `consistency` where the registry is not the one that was seen
 * @example
 * for (const { index, typ, from } of await strangeEntries(coordinator)) show(index, typ, from);
 * await save(coordinator.state);
 */
export async function strangeEntries(coordinator: Device): Promise<StrangeEntry[]> {
  const registry = await coordinator.registry();
  const { from, made } = coordinator.startWatching(registry.entries.length);
  const { languages } = await coordinator.charter();
  return registry.entries.slice(from).flatMap((text, i) => {
    const { header, payload } = readUnverified(text);
    const isOwn = ownerOf(registry, header.kid, payload as Said) === coordinator.organisation.id;
    if (!isOwn || made.includes(hashOf(text))) return [];
    const { from: first, service } = payload as Said;
    const name = (service as { readonly name?: unknown } | null | undefined)?.name;
    const unusual = unusualNames(typeof name === 'string' ? [name] : [], languages);
    return [{ index: from + i, typ: header.typ, from: typeof first === 'string' ? first : '', unusual }];
  });
}

/**
 * Somebody has looked at everything up to this index, and knows whose it is. Save `device.state` afterwards.
 * @example
 * const strange = await strangeEntries(coordinator);
 * acceptEntries(coordinator, strange.at(-1)?.index ?? 0); // somebody has looked at each
 * await save(coordinator.state);
 */
export function acceptEntries(coordinator: Device, index: number): void {
  coordinator.watchFrom(index + 1);
}

interface Said {
  readonly organisation?: unknown;
  readonly from?: unknown;
  readonly service?: unknown;
}

/**
 * Whose word an entry is. A revocation names its organisation; an agreement is the word of whose coordinator
 * signed it. Of an entry of a later version only the signer's key is looked at: what it says is not known
 * here.
 */
function ownerOf(registry: Registry, kid: string, { organisation }: Said): string | undefined {
  if (typeof organisation === 'string') return organisation;
  const named = (organisation as { readonly id?: unknown } | null | undefined)?.id;
  return typeof named === 'string' ? named : registry.coordinators.get(kid)?.organisation;
}

/**
 * Entries in the organisation's name that this device has seen in the registry and that are not there any
 * more, because the server was put back from a backup. Until they are posted again a key revoked by one of
 * them is not revoked: show them.
 * @throws Refused `rollback`, `consistency` where the registry is not the one that was seen
 * @example
 * const lost = await lostEntries(coordinator);
 * if (lost.length > 0) show(`${lost.length} entries are not in the registry any more`);
 */
export async function lostEntries(coordinator: Device): Promise<string[]> {
  const registry = await coordinator.registry();
  return (coordinator.follower.state.lost ?? []).filter((text) => {
    const { header, payload } = readUnverified(text);
    const isOwn = ownerOf(registry, header.kid, payload as Said) === coordinator.organisation.id;
    return isOwn && !registry.hashes.has(hashOf(text));
  });
}

/**
 * Posts them again, in their order and each by itself: what cannot be said any more (its key was revoked
 * since) bars no other, and stays among the lost ones. Save `device.state` afterwards.
 * @throws Refused `upgrade` is told for each entry, in `refused`, where the registry has entries of a newer
 * version
 * @example
 * const { refused } = await repostLostEntries(coordinator);
 * await save(coordinator.state);
 * show(refused);
 */
export async function repostLostEntries(coordinator: Device): Promise<Settled<string, void>> {
  const judged = await settleEach(await lostEntries(coordinator), (text) => coordinator.postEntries([text]));
  coordinator.follower.setLost(judged.refused.map(({ item }) => item));
  return judged;
}

function hashOf(text: string): string {
  return toBase64url(hashText(text));
}
