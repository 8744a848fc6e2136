import { newId, randomBytes, toBase64url } from '../../protocol/encoding/bytes.js';
import { charterHash, Charter } from '../../protocol/registry/charter.js';
import { derivePaper, newCode, requireCode } from '../../protocol/encoding/codes.js';
import { signingKey, type SigningKey } from '../../protocol/crypto/keys.js';
import { requirePlainText } from '../../protocol/encoding/plain-text.js';
import { Name } from '../../protocol/schemas/types.js';
import type { TrustFile } from '../../protocol/schemas/trust.js';
import { sign } from '../../protocol/encoding/signed.js';
import { certifyCoordinator, certifyDevice, newDeviceKeys, publicJwk } from '../device/certify.js';
import { MONTHS_AHEAD, certifyEpochs, type Named, type WantedEpoch } from './epochs.js';
import type { DeviceState, EpochSeed, NetworkState } from '../device/state.js';
import type { Transport } from '../device/transport.js';

/** `GET /v1/network`: what the founders see, and write down, before they sign anything. */
export interface NetworkInfo {
  readonly network: string;
  readonly issuer: string;
  readonly founded: boolean;
  readonly today: string;
  /** The tlog-policy with the keys of both logs. */
  readonly policy: string;
  /** Instant; for more than a day no quorum of witnesses has seen the logs. Null else. */
  readonly unwitnessedSince: string | null;
}

/** What a founder shows to the others. */
export interface FounderPublic extends Named {
  /** Thumbprint of the root key. */
  readonly root: string;
  readonly organisation: string;
  readonly coordinatorKey: string;
  readonly serviceKeys: readonly string[];
  readonly device: { readonly certificate: string; readonly box: string };
}

/** One founder's share. Only `public` leaves this device; the paper code is written down and put away. */
export interface Founder {
  readonly public: FounderPublic;
  readonly paperCode: string;
  readonly services: readonly Named[];
  readonly device: Omit<DeviceState, 'network'>;
}

/** What the founders have made and signed, together. */
export interface Founding {
  readonly founders: readonly FounderPublic[];
  readonly charterText: string;
  /** One charter+jws per founder. */
  readonly signatures: readonly string[];
}

/**
 * Reads what a server says of its network. Nothing of it is believed before the founders have written it
 * down.
 * @throws Unreachable where no server answers
 * @example
 * const info = await readNetwork(transport);
 * show(info.network, info.policy); // the founders write both down
 */
export async function readNetwork(transport: Transport): Promise<NetworkInfo> {
  return transport.json({ method: 'GET', path: '/v1/network' });
}

/**
 * Makes an organisation: paper code, root, coordinator, services with their first epochs, first device.
 * @throws Refused `text` for a name in which something is hidden or turned around
 * @example
 * const info = await readNetwork(transport);
 * const founder = prepareFounder(info, 'La Ruelle', ['maraude']);
 * show(founder.paperCode); // once: to be written down and put away
 */
export function prepareFounder(info: NetworkInfo, name: string, serviceNames: readonly string[]): Founder {
  requirePlainText(Name, name, '/name');
  serviceNames.forEach((service, i) => requirePlainText(Name, service, `/services/${i}`));
  const paperCode = newCode();
  const root = derivePaper(requireCode(paperCode)).sign;
  const coordinator = signingKey(randomBytes(32));
  const organisation = { id: newId(), name };
  const services = serviceNames.map((service) => ({ id: newId(), name: service }));
  const epochs = services.map((service) =>
    certifyEpochs({ ...epochsFrom(info), organisation, service, coordinator, previous: null }),
  );
  const device = firstDevice(info, organisation, services, coordinator);
  const entries = organisationEntries(info, organisation, root, coordinator);
  const serviceKeys = epochs.flatMap((made) => made.entries);
  return {
    public: { ...organisation, root: root.kid, ...entries, serviceKeys, device: device.public },
    paperCode,
    services,
    device: { ...device.state, epochs: epochs.flatMap((made): readonly EpochSeed[] => made.seeds) },
  };
}

function epochsFrom(info: NetworkInfo): { network: string; today: string; wanted: WantedEpoch[] } {
  return {
    network: info.network,
    today: info.today,
    wanted: Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) => ({ ahead, number: 1 })),
  };
}

function organisationEntries(
  info: NetworkInfo,
  organisation: Named,
  root: SigningKey,
  coordinator: SigningKey,
) {
  const common = { network: info.network, organisation: organisation.id };
  return {
    organisation: sign(
      'organisation+jws',
      { ...common, name: organisation.name, key: toBase64url(root.publicKey) },
      root,
    ),
    coordinatorKey: certifyCoordinator({ ...common, today: info.today }, coordinator, root),
  };
}

function firstDevice(
  info: NetworkInfo,
  organisation: Named,
  services: readonly Named[],
  coordinator: SigningKey,
) {
  const keys = newDeviceKeys();
  const named = {
    role: 'coordinator' as const,
    services: services.map((service) => service.id),
  };
  const { device, certificate } = certifyDevice(
    {
      ...named,
      network: info.network,
      organisation: organisation.id,
      today: info.today,
      auth: publicJwk(keys.auth),
      key: toBase64url(keys.sign.publicKey),
      boxId: toBase64url(keys.box.id),
    },
    coordinator,
  );
  return {
    public: { certificate, box: toBase64url(keys.box.publicKey) },
    state: {
      ...named,
      ...keys.seeds,
      organisation,
      device,
      certificate,
      coordinator: toBase64url(coordinator.seed),
    },
  };
}

/**
 * Each founder reads the charter's text and signs its hash with the key of the paper code. Refuses texts that
 * are not plain.
 * @throws Refused `schema` for what is no charter; `text`, with a pointer, for a text that is not plain
 * @example
 * const info = await readNetwork(transport);
 * const founder = prepareFounder(info, 'La Ruelle', ['maraude']);
 * const signature = signCharter(info, founder, charter);
 */
export function signCharter(info: NetworkInfo, founder: Founder, charter: Charter): string {
  requirePlainText(Charter, charter);
  const root = derivePaper(requireCode(founder.paperCode)).sign;
  const textHash = charterHash(charter);
  return sign(
    'charter+jws',
    { network: info.network, version: 1, textHash, from: info.today, previous: null },
    root,
  );
}

/**
 * Founds the network in one request. Repeating the same founding is harmless.
 * @throws Problem `statement_invalid` where a part does not hold; `wrong_state` where the network is founded
 * already, by others
 * @example
 * const info = await readNetwork(transport);
 * const founder = prepareFounder(info, 'La Ruelle', ['maraude']);
 * const signatures = [signCharter(info, founder, charter)];
 * const charterText = canonicalText(charter);
 * await foundNetwork(transport, code, { founders: [founder.public], charterText, signatures });
 */
export async function foundNetwork(transport: Transport, token: string, founding: Founding): Promise<void> {
  const { founders } = founding;
  await transport.send({
    method: 'POST',
    path: '/v1/network/founding',
    body: {
      token,
      organisations: founders.map((founder) => founder.organisation),
      charter: { text: founding.charterText, signatures: founding.signatures },
      coordinatorKeys: founders.map((founder) => founder.coordinatorKey),
      serviceKeys: founders.flatMap((founder) => founder.serviceKeys),
      devices: founders.map((founder) => founder.device),
    },
  });
}

/**
 * The first coordinator's device of a founder, ready to work: trusts the founders and the keys that all wrote
 * down.
 * @example
 * const info = await readNetwork(transport);
 * const founder = prepareFounder(info, 'La Ruelle', ['maraude']);
 * const device = await Device.start(founderDevice(info, founder, [founder.public]), { save });
 */
export function founderDevice(
  info: NetworkInfo,
  founder: Founder,
  founders: readonly FounderPublic[],
): DeviceState {
  const network: NetworkState = {
    issuer: info.issuer,
    trust: { network: info.network, roots: founders.map((other) => other.root) },
    policy: info.policy,
    registry: { entries: [], checkpoint: null },
  };
  return { ...founder.device, network };
}

/**
 * What each founder writes down: a verifier starts from this file and takes nothing of it from the log.
 * @example
 * const info = await readNetwork(transport);
 * const founder = prepareFounder(info, 'La Ruelle', ['maraude']);
 * show(JSON.stringify(trustFile(info, [founder.public])));
 */
export function trustFile(info: NetworkInfo, founders: readonly FounderPublic[]): TrustFile {
  const keys = info.policy.split('\n').flatMap((line) => (line.startsWith('log ') ? [line.slice(4)] : []));
  const of = (kind: string): string[] =>
    keys.filter((key) => key.startsWith(`relais-${info.network}/${kind}/`));
  return {
    network: info.network,
    logs: { consent: of('consent'), registry: of('registry') },
    roots: founders.map((founder) => founder.root),
  };
}
