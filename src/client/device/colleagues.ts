import { equalBytes, fromBase64url } from '../../protocol/encoding/bytes.js';
import { boxKeyId } from '../../protocol/crypto/keys.js';
import { verifyByCoordinator, type Issued } from '../../protocol/registry/device-certificate.js';
import { refuse } from '../../protocol/encoding/errors.js';
import type { Registry } from '../../protocol/registry/registry.js';
import { wasInForce } from '../../protocol/registry/registry-keys.js';
import { settleEach, type Settled } from './each.js';
import type { EpochName } from './grants.js';
import { readAll } from './pages.js';
import type { Session } from './session.js';

/** A device, as far as it is needed to look at its colleagues. */
interface Member {
  readonly session: Session;
  readonly organisation: { readonly id: string };
  registry(): Promise<Registry>;
}

export interface ListedDevice {
  readonly certificate: string;
  readonly box: string;
  readonly revoked: boolean;
  readonly grants: readonly EpochName[];
}

/**
 * A device of the organisation, as its certificate describes it. That it was revoked, and which epochs wait
 * for it, the server alone says.
 */
export interface Colleague extends Issued {
  /** The certificate as it was signed. */
  readonly text: string;
  /** X-Wing public key: the one that the certificate names. */
  readonly box: Uint8Array;
  readonly revoked: boolean;
  readonly grants: readonly EpochName[];
}

/**
 * The organisation's devices, this one included, also those whose time or coordinator is past: they may have
 * granted what is still needed. One whose signature or box does not hold is passed over, so that it bars no
 * other.
 */
export async function listColleagues(member: Member): Promise<readonly Colleague[]> {
  return (await judgeColleagues(member)).done;
}

/** The same, and what was passed over. */
export async function judgeColleagues(member: Member): Promise<Settled<ListedDevice, Colleague>> {
  const registry = await member.registry();
  const listed = await readAll<ListedDevice>(member.session, '/v1/devices');
  return settleEach(listed, (each) => verifyColleague(member, each, registry));
}

/** Those to whom new keys may be given today: certified by a coordinator whom nobody has revoked. */
export function isTrustedToday({ certificate, coordinator, revoked }: Colleague, today: string): boolean {
  const isWithinDays = certificate.from <= today && today <= certificate.until;
  const isTrusted = coordinator.revokedAt === undefined && wasInForce(coordinator, certificate.from);
  return !revoked && isWithinDays && isTrusted;
}

function verifyColleague(member: Member, listed: ListedDevice, registry: Registry): Colleague {
  const issued = verifyByCoordinator(listed.certificate, registry);
  const box = fromBase64url(listed.box);
  const { organisation, boxId } = issued.certificate;
  if (organisation !== member.organisation.id) refuse('certificate');
  if (!equalBytes(boxKeyId(box), fromBase64url(boxId))) refuse('key-id');
  return { ...listed, ...issued, text: listed.certificate, box };
}
