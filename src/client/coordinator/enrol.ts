import { equalBytes, fromBase64url, toBase64url } from '../../protocol/encoding/bytes.js';
import { deriveInvitation, newCode, requireCode } from '../../protocol/encoding/codes.js';
import { boxKeyId, signingKey, thumbprint } from '../../protocol/crypto/keys.js';
import { openWelcome } from '../../protocol/crypto/welcome-open.js';
import { sealWelcome } from '../../protocol/crypto/welcome-seal.js';
import { requireAppointed } from '../../protocol/registry/charter.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { requireUnderstood } from '../../protocol/registry/registry-keys.js';
import { sign, verifySigned } from '../../protocol/encoding/signed.js';
import {
  certifyDevice,
  newDeviceKeys,
  publicJwk,
  readCertificate,
  type NewDeviceKeys,
} from '../device/certify.js';
import type { Device } from '../device/device.js';
import { settleEach, type Settled } from '../device/each.js';
import { readAll } from '../device/pages.js';
import { proofKey, type ProofKey } from '../device/proof.js';
import { RegistryFollower } from '../device/registry.js';
import {
  deviceKeys,
  type DeviceKeys,
  type DeviceState,
  type PendingInvitation,
  type NetworkState,
} from '../device/state.js';
import { Transport, type Fetch } from '../device/transport.js';
import { foundersOf } from '../device/trust.js';

const HOUR_MS = 3_600_000;

/** Whom a code invites: to which role, for which services, and for how many hours. */
export interface InvitationOptions {
  readonly role: DeviceState['role'];
  readonly services: readonly string[];
  /** At most 24. */
  readonly hours?: number;
}

interface ListedInvitation {
  readonly key: string;
  readonly state: 'open' | 'requested' | 'certified' | 'expired';
  readonly request?: string;
}

/**
 * The coordinator's device makes a code to show to the new device, and leaves a welcome sealed under it. It
 * remembers whom it invited to what: save `device.state` afterwards, or nobody is certified. Refuses a role
 * (`role`) to which the charter does not appoint the organisation: nobody could certify it.
 * @throws Refused `role`; `upgrade` where the registry has entries of a newer version
 * @throws Problem `quota_reached` where the organisation has too many invitations
 * @example
 * const code = await invite(coordinator, { role: 'worker', services: [service] });
 * await save(coordinator.state);
 * show(code); // on the screen, for the new device
 */
export async function invite(coordinator: Device, invited: InvitationOptions): Promise<string> {
  requireUnderstood(await coordinator.registry());
  requireAppointed(invited.role, coordinator.organisation.id, await coordinator.charter());
  const code = newCode();
  const { sign: codeKey, welcomeKey } = deriveInvitation(requireCode(code));
  const welcome = sealWelcome(welcomeKey, await coordinator.welcome());
  const lifeMs = (invited.hours ?? 24) * HOUR_MS - 60_000;
  const endFrom = (hour: Date): string => new Date(hour.getTime() + lifeMs).toISOString();
  // each side measures the same time by its own clock: the server's may be another, and may lie
  const { now } = await coordinator.serverClock.read();
  const { role, services } = invited;
  const pending = {
    key: toBase64url(codeKey.publicKey),
    role,
    services,
    expires: endFrom(coordinator.now()),
  };
  coordinator.setInvitations([...coordinator.invitations, pending]);
  await coordinator.session.json({
    method: 'POST',
    path: '/v1/invitations',
    idempotencyKey: codeKey.kid,
    body: { ...pending, expires: endFrom(now), welcome: toBase64url(welcome) },
  });
  return code;
}

/**
 * What a device keeps, under lock, while it waits to be certified: plain JSON. The code itself is not in it,
 * only the key that follows from it.
 */
export interface JoiningState {
  /** Seed of the code's sign key, base64url. */
  readonly code: string;
  /** Seeds of the device's own keys. */
  readonly seeds: NewDeviceKeys['seeds'];
  readonly network: NetworkState;
  readonly organisation: { readonly id: string; readonly name: string };
  readonly request: string;
}

/**
 * A new device that has read its code; it asks to be certified, and waits for the coordinator.
 * @example
 * const joining = await Joining.ask('https://relais.example', code);
 * await save(joining.state);
 * const certified = await joining.finish(); // undefined until the coordinator's device has certified it
 * if (certified) await save((await Device.start(certified)).state);
 */
export class Joining {
  private constructor(
    private readonly transport: Transport,
    private readonly codeKey: ProofKey,
    private readonly keys: DeviceKeys,
    readonly state: JoiningState,
  ) {}

  /**
   * Opens the welcome with the code, so that the device joins the right network, and asks with keys of its
   * own.
   */
  static async ask(address: string, code: string, fetch?: Fetch): Promise<Joining> {
    const joining = await Joining.prepare(address, code, fetch);
    await joining.request();
    return joining;
  }

  /**
   * As `ask`, up to where the server would be told: an app that keeps `state` first can go on after whatever
   * happens.
   */
  static async prepare(address: string, code: string, fetch?: Fetch): Promise<Joining> {
    const { sign: codeKey, welcomeKey } = deriveInvitation(requireCode(code));
    const proof = await proofKey(codeKey);
    const transport = new Transport(address, fetch);
    const left = await transport.json<{ welcome: string }>({
      method: 'GET',
      path: '/v1/invitation',
      proof: { key: proof },
    });
    const welcome = openWelcome(welcomeKey, fromBase64url(left.welcome));
    if (welcome.issuer !== transport.issuer) refuse('issuer');
    const { id, name, key } = welcome.organisation;
    const root = fromBase64url(key);
    const roots = await foundersOf(transport, new Map([[thumbprint(root), root]]));
    const network: NetworkState = {
      issuer: welcome.issuer,
      trust: { network: welcome.network, roots },
      policy: welcome.policy,
      registry: { entries: [], checkpoint: welcome.checkpoint },
    };
    const keys = newDeviceKeys();
    const request = sign('device-request+jws', publicKeys(keys, welcome.network), codeKey);
    const pending = { code: toBase64url(codeKey.seed), seeds: keys.seeds, network, request };
    return new Joining(transport, proof, keys, { ...pending, organisation: { id, name } });
  }

  /** Goes on with what was kept. */
  static async resume(state: JoiningState, fetch?: Fetch): Promise<Joining> {
    const codeKey = await proofKey(signingKey(fromBase64url(state.code)));
    return new Joining(new Transport(state.network.issuer, fetch), codeKey, deviceKeys(state.seeds), state);
  }

  /** Asks to be certified. Repeating it is harmless. */
  async request(): Promise<void> {
    await this.transport.send({
      method: 'POST',
      path: '/v1/invitation/request',
      body: { request: this.state.request },
      proof: { key: this.codeKey },
    });
  }

  /** The device's state once the coordinator has certified it, or `undefined` as long as it has not. */
  async finish(): Promise<DeviceState | undefined> {
    const left = await this.transport.json<{
      certificate?: string;
      device?: string;
      role: DeviceState['role'];
    }>({
      method: 'GET',
      path: '/v1/invitation',
      proof: { key: this.codeKey },
    });
    if (left.certificate === undefined) return undefined;
    const { network, organisation, seeds } = this.state;
    const follower = new RegistryFollower(this.transport, network);
    const by = { registry: await follower.follow(), organisation: organisation.id };
    const { device, role, services } = readCertificate(left.certificate, this.keys, by);
    return {
      network: { ...network, registry: follower.state },
      organisation,
      device,
      role,
      services,
      certificate: left.certificate,
      ...seeds,
      epochs: [],
    };
  }
}

function publicKeys(keys: DeviceKeys, network: string) {
  return {
    network,
    auth: publicJwk(keys.auth),
    key: toBase64url(keys.sign.publicKey),
    box: toBase64url(keys.box.publicKey),
    boxId: toBase64url(keys.box.id),
  };
}

/**
 * Certifies every device that has asked with a code that this device has shown, and grants it the epochs it
 * needs. Role and services are those that were invited; of the server's list nothing is believed but that
 * somebody has asked. Each by itself: answers the devices that are certified, and the invitations of which
 * that was refused, with the reason. Those wait until they are past. Save `device.state` afterwards.
 * @throws Refused `not-a-coordinator` is told for each request, in `refused`, on a device without the key
 * that certifies
 * @example
 * const { done, refused } = await certifyRequests(coordinator);
 * await save(coordinator.state);
 * show(`${done.length} certified`, refused);
 */
export async function certifyRequests(coordinator: Device): Promise<Settled<PendingInvitation, string>> {
  const items = await readAll<ListedInvitation>(coordinator.session, '/v1/invitations');
  const now = coordinator.now().getTime();
  const living = coordinator.invitations.filter(({ expires }) => Date.parse(expires) > now);
  coordinator.setInvitations(living);
  const asked = living.flatMap((invitation) => {
    const listed = items.find(({ key, state }) => key === invitation.key && state === 'requested');
    return listed?.request === undefined ? [] : [{ invitation, request: listed.request }];
  });
  const judged = await settleEach(asked, ({ invitation, request }) =>
    certifyOne(coordinator, invitation, request),
  );
  const refused = judged.refused.map(({ item, check }) => ({ item: item.invitation, check }));
  return { done: judged.done, refused };
}

async function certifyOne(
  coordinator: Device,
  { key, role, services }: PendingInvitation,
  request: string,
): Promise<string> {
  requireUnderstood(await coordinator.registry());
  const codeKey = fromBase64url(key);
  const ring = new Map([[thumbprint(codeKey), codeKey]]);
  const { payload } = verifySigned(request, 'device-request+jws', ring);
  const box = fromBase64url(payload.box);
  if (!equalBytes(boxKeyId(box), fromBase64url(payload.boxId))) refuse('key-id');
  const { auth, boxId } = payload;
  const { device, certificate } = certifyDevice(
    {
      network: coordinator.network,
      organisation: coordinator.organisation.id,
      role,
      services,
      today: await coordinator.today(),
      auth,
      key: payload.key,
      boxId,
    },
    coordinator.coordinatorKey(),
  );
  await coordinator.session.json({
    method: 'POST',
    path: '/v1/devices',
    idempotencyKey: device,
    body: { certificate, box: payload.box, invitation: thumbprint(codeKey) },
  });
  coordinator.setInvitations(coordinator.invitations.filter((pending) => pending.key !== key));
  // certified it is in any case; what is not granted now, `maintainKeys` grants
  await settleEach([{ box, boxId: boxKeyId(box), services, grants: [] }], (to) => coordinator.grantTo(to));
  return device;
}
