import { equalBytes, fromBase64url } from '../protocol/bytes.js';
import { boxKeyId } from '../protocol/crypto/keys.js';
import { verifyByCoordinator, type Issued } from '../protocol/device-certificate.js';
import { Refused, refuse } from '../protocol/errors.js';
import type { Registry } from '../protocol/registry.js';
import { wasInForce } from '../protocol/registry-keys.js';
import type { Session } from './session.js';

/** A device, as far as it is needed to look at its colleagues. */
interface Member {
  readonly session: Session;
  readonly organisation: { readonly id: string };
  registry(): Promise<Registry>;
}

interface ListedDevice {
  readonly certificate: string;
  readonly box: string;
  readonly revoked: boolean;
}

/** A device of the organisation, as its certificate describes it. That it was revoked, the server alone says. */
export interface Colleague extends Issued {
  /** X-Wing public key: the one that the certificate names. */
  readonly box: Uint8Array;
  readonly revoked: boolean;
}

/**
 * The organisation's devices, this one included, also those whose time or coordinator is past: they may have granted what
 * is still needed. One whose signature or box does not hold is passed over, so that it bars no other.
 */
export async function listColleagues(member: Member): Promise<Colleague[]> {
  const registry = await member.registry();
  const found: Colleague[] = [];
  let after: string | undefined;
  do {
    const page = await member.session.json<{ items: ListedDevice[]; next?: string }>({
      method: 'GET',
      path: '/v1/devices',
      query: { after },
    });
    found.push(...page.items.flatMap((listed) => verifyColleague(member, listed, registry) ?? []));
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** Those to whom new keys may be given today: certified by a coordinator whom nobody has revoked. */
export function isTrustedToday({ certificate, coordinator, revoked }: Colleague, today: string): boolean {
  const isWithinDays = certificate.from <= today && today <= certificate.until;
  const isTrusted = coordinator.revokedAt === undefined && wasInForce(coordinator, certificate.from);
  return !revoked && isWithinDays && isTrusted;
}

function verifyColleague(member: Member, listed: ListedDevice, registry: Registry): Colleague | undefined {
  try {
    const issued = verifyByCoordinator(listed.certificate, registry);
    const box = fromBase64url(listed.box);
    const { organisation, boxId } = issued.certificate;
    if (organisation !== member.organisation.id) refuse('certificate');
    if (!equalBytes(boxKeyId(box), fromBase64url(boxId))) refuse('key-id');
    return { ...issued, box, revoked: listed.revoked };
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}
