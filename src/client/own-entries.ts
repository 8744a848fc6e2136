import { toBase64url } from '../protocol/bytes.js';
import { unusualNames, type UnusualName } from '../protocol/name-warnings.js';
import type { Registry } from '../protocol/registry.js';
import { hashText, readUnverified } from '../protocol/signed.js';
import type { Device } from './device.js';

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
 * What has appeared in the organisation's name since this coordinator's device first looked, and that neither it posted nor
 * somebody has called known (`acceptEntries`). A colleague's device made it, or a stolen key did: only people can tell, so
 * show each one, and where nobody made it revoke the keys (`revokeDevice`). Keep `device.state` afterwards.
 */
export async function strangeEntries(coordinator: Device): Promise<StrangeEntry[]> {
  const registry = await coordinator.registry();
  const { from, made } = coordinator.watched(registry.entries.length);
  const { languages } = await coordinator.charter();
  return registry.entries.slice(from).flatMap((text, i) => {
    const { header, payload } = readUnverified(text);
    const isOwn = ownerOf(registry, header.kid, payload as Said) === coordinator.organisation.id;
    if (!isOwn || made.includes(toBase64url(hashText(text)))) return [];
    const { from: day = '', service } = payload as Said;
    const names = typeof service === 'object' ? [service.name] : [];
    const unusual = unusualNames(names, languages);
    return [{ index: from + i, typ: header.typ, from: day, unusual }];
  });
}

/** Somebody has looked at everything up to this index, and knows whose it is. Keep `device.state` afterwards. */
export function acceptEntries(coordinator: Device, index: number): void {
  coordinator.watchFrom(index + 1);
}

interface Said {
  readonly organisation?: string | { readonly id: string };
  readonly from?: string;
  readonly service?: string | { readonly name: string };
}

/** Whose word an entry is. A revocation names its organisation; an agreement is the word of whose coordinator signed it. */
function ownerOf(registry: Registry, kid: string, { organisation }: Said): string | undefined {
  if (typeof organisation === 'object') return organisation.id;
  return organisation ?? registry.coordinators.get(kid)?.organisation;
}

/**
 * Entries in the organisation's name that this device has seen in the registry and that are not there any more, because the
 * server was put back from a backup. Until they are posted again a key revoked by one of them is not revoked: show them.
 */
export async function lostEntries(coordinator: Device): Promise<string[]> {
  const registry = await coordinator.registry();
  return (coordinator.follower.state.lost ?? []).filter((text) => {
    const { header, payload } = readUnverified(text);
    return ownerOf(registry, header.kid, payload as Said) === coordinator.organisation.id;
  });
}

/** Posts them again, in their order. Keep `device.state` afterwards. */
export async function repostLostEntries(coordinator: Device): Promise<void> {
  const entries = await lostEntries(coordinator);
  if (entries.length > 0) await coordinator.postEntries(entries);
  coordinator.follower.forgetLost();
}
