import { unusualNames, type UnusualName } from '../../protocol/encoding/name-warnings.js';
import type { Charter } from '../../protocol/registry/charter.js';
import type { Registry } from '../../protocol/registry/registry.js';
import type { Device } from '../device/device.js';
import type { FounderPublic } from './found.js';
import { readUnverified, requirePayload } from '../../protocol/encoding/signed.js';

/**
 * Names among these organisations and their services at which a coordinator should look twice before they
 * sign or vote: letters of several scripts, of one in which no language of the charter is written, or that
 * only look like others. Show each name beside its warnings; nothing is refused for them.
 * @throws Refused `charter` where the server's charter is not the one in force
 * @example
 * for (const { name, warnings } of await unusualNamesOf(coordinator, [other])) show(name, warnings);
 */
export async function unusualNamesOf(
  device: Device,
  organisations: readonly string[],
): Promise<UnusualName[]> {
  const { languages } = await device.charter();
  return unusualNames(namesIn(await device.registry(), organisations), languages);
}

/**
 * The same for the founders, before anybody signs the charter.
 * @example
 * const info = await readNetwork(transport);
 * const founder = prepareFounder(info, 'La Ruelle', ['maraude']);
 * for (const { name, warnings } of unusualFounders([founder.public], charter)) show(name, warnings);
 */
export function unusualFounders(founders: readonly FounderPublic[], charter: Charter): UnusualName[] {
  const services = founders.flatMap(({ serviceKeys }) => serviceKeys).map(serviceName);
  const names = [charter.name, ...founders.map(({ name }) => name), ...services];
  return unusualNames(names, charter.languages);
}

function namesIn(
  { organisations: known, serviceKeys }: Registry,
  organisations: readonly string[],
): string[] {
  const services = [...serviceKeys.values()].filter(({ organisation }) =>
    organisations.includes(organisation.id),
  );
  return [
    ...organisations.flatMap((id) => known.get(id)?.name ?? []),
    ...services.map(({ service }) => service.name),
  ];
}

function serviceName(entry: string): string {
  return requirePayload('service-key+jws', readUnverified(entry).payload).service.name;
}
