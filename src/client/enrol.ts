import { equalBytes, fromBase64url, toBase64url } from '../protocol/bytes.js';
import { deriveInvitation, newCode, requireCode } from '../protocol/codes.js';
import { boxKeyId, thumbprint } from '../protocol/crypto/keys.js';
import { openWelcome } from '../protocol/crypto/welcome-open.js';
import { sealWelcome } from '../protocol/crypto/welcome-seal.js';
import { refuse } from '../protocol/errors.js';
import { sign, verifySigned } from '../protocol/signed.js';
import { certifyDevice, newDeviceKeys, publicJwk, readCertificate, type NewDeviceKeys } from './certify.js';
import type { Device } from './device.js';
import { proofKey, type ProofKey } from './proof.js';
import { RegistryFollower } from './registry.js';
import type { DeviceState, KeptInvitation, NetworkState } from './state.js';
import { Transport, type Fetch } from './transport.js';
import { foundersOf } from './trust.js';

const HOUR_MS = 3_600_000;

export interface Invited {
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
 * The coordinator's device makes a code to show to the new device, and leaves a welcome sealed under it. It remembers whom
 * it invited to what: keep `device.state` afterwards, or nobody is certified.
 */
export async function invite(coordinator: Device, invited: Invited): Promise<string> {
  const code = newCode();
  const { sign: codeKey, welcomeKey } = deriveInvitation(requireCode(code));
  const welcome = sealWelcome(welcomeKey, await coordinator.welcome());
  const expires = new Date(coordinator.now().getTime() + (invited.hours ?? 24) * HOUR_MS - 60_000);
  const { role, services } = invited;
  const kept = { key: toBase64url(codeKey.publicKey), role, services, expires: expires.toISOString() };
  coordinator.keepInvitations([...coordinator.invitations, kept]);
  await coordinator.session.json({
    method: 'POST',
    path: '/v1/invitations',
    idempotencyKey: codeKey.kid,
    body: { ...kept, welcome: toBase64url(welcome) },
  });
  return code;
}

/** A new device that has read its code and asked to be certified; it waits for the coordinator. */
export class Joining {
  private constructor(
    private readonly transport: Transport,
    private readonly codeKey: ProofKey,
    private readonly keys: NewDeviceKeys,
    private readonly network: NetworkState,
    private readonly organisation: { readonly id: string; readonly name: string },
  ) {}

  /** Opens the welcome with the code, so that the device joins the right network, and asks with keys of its own. */
  static async ask(address: string, code: string, fetch?: Fetch): Promise<Joining> {
    const { sign: signingKey, welcomeKey } = deriveInvitation(requireCode(code));
    const codeKey = await proofKey(signingKey);
    const transport = new Transport(address, fetch);
    const left = await transport.json<{ welcome: string }>({
      method: 'GET',
      path: '/v1/invitation',
      proof: { key: codeKey },
    });
    const welcome = openWelcome(welcomeKey, fromBase64url(left.welcome));
    if (welcome.issuer !== transport.issuer) refuse('issuer');
    const root = fromBase64url(welcome.organisation.key);
    const roots = await foundersOf(transport, new Map([[thumbprint(root), root]]));
    const network: NetworkState = {
      issuer: welcome.issuer,
      trust: { network: welcome.network, roots },
      policy: welcome.policy,
      registry: { entries: [], checkpoint: welcome.checkpoint },
    };
    const joining = new Joining(transport, codeKey, newDeviceKeys(), network, welcome.organisation);
    await joining.request(sign('device-request+jws', joining.publicKeys(), signingKey));
    return joining;
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
    const follower = new RegistryFollower(this.transport, this.network);
    const { id, name } = this.organisation;
    const by = { registry: await follower.follow(), organisation: id };
    const { device, role, services } = readCertificate(left.certificate, this.keys, by);
    return {
      network: { ...this.network, registry: follower.state },
      organisation: { id, name },
      device,
      role,
      services,
      certificate: left.certificate,
      ...this.keys.seeds,
      epochs: [],
    };
  }

  private publicKeys() {
    return {
      network: this.network.trust.network,
      auth: publicJwk(this.keys.auth),
      key: toBase64url(this.keys.sign.publicKey),
      box: toBase64url(this.keys.box.publicKey),
      boxId: toBase64url(this.keys.box.id),
    };
  }

  private async request(request: string): Promise<void> {
    await this.transport.send({
      method: 'POST',
      path: '/v1/invitation/request',
      body: { request },
      proof: { key: this.codeKey },
    });
  }
}

/**
 * Certifies every device that has asked with a code that this device has shown, and grants it the epochs it needs. Role
 * and services are those that were invited; of the server's list nothing is believed but that somebody has asked. Keep
 * `device.state` afterwards.
 */
export async function certifyRequests(coordinator: Device): Promise<number> {
  const { items } = await coordinator.session.json<{ items: ListedInvitation[] }>({
    method: 'GET',
    path: '/v1/invitations',
  });
  const now = coordinator.now().getTime();
  const living = coordinator.invitations.filter(({ expires }) => Date.parse(expires) > now);
  coordinator.keepInvitations(living);
  const asked = living.flatMap((invitation) => {
    const listed = items.find(({ key, state }) => key === invitation.key && state === 'requested');
    return listed?.request === undefined ? [] : [{ invitation, request: listed.request }];
  });
  for (const { invitation, request } of asked) await certifyOne(coordinator, invitation, request);
  return asked.length;
}

async function certifyOne(
  coordinator: Device,
  { key, role, services }: KeptInvitation,
  request: string,
): Promise<void> {
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
  coordinator.keepInvitations(coordinator.invitations.filter((kept) => kept.key !== key));
  await coordinator.grantTo({ box, boxId: boxKeyId(box), services });
}
