import type { BoxKey } from '../../protocol/crypto/keys.js';
import { type IntakeProblem, intakeProblems } from '../../protocol/directory/intake.js';
import { fromBase64url } from '../../protocol/encoding/bytes.js';
import { ROLE } from '../../protocol/envelope/envelope.js';
import {
  type OpenedHandoff,
  openHandoff,
  type HandoffInput,
  type HandoffTrust,
} from '../../protocol/handoff/open-handoff.js';
import type { Device } from '../device/device.js';
import { getProfile } from './directory.js';
import { verifyReferral } from './proofs.js';

/**
 * A handoff, and in what it is not as the receiving service's present intake profile has it; empty for the
 * sender.
 */
export interface OpenedReferral extends OpenedHandoff {
  readonly intake: readonly IntakeProblem[];
}

/**
 * Opens a handoff with every check of docs/protocol/handoff.md, *Opening*: one error for all, and nothing
 * shown before the end. What the intake profile asks for is compared afterwards, and told: the profile may
 * have changed since, and nobody is stranded by it.
 * @throws Refused, with whichever check failed
 * @throws Problem `wrong_state` before `acknowledge` and once it is erased, `consent_inactive` once it is
 * withdrawn
 * @example
 * const { record, intake } = await openReferral(device, referral);
 * show(record, intake);
 */
export async function openReferral(device: Device, referral: string): Promise<OpenedReferral> {
  const { input, own, service, trust } = await fetchHandoff(device, referral);
  const opened = openHandoff(input, own, trust);
  const intake = input.role === ROLE.receiver ? await problemsOf(device, service, opened) : [];
  return { ...opened, intake };
}

async function problemsOf(
  device: Device,
  service: string,
  { record }: OpenedHandoff,
): Promise<IntakeProblem[]> {
  const { profile } = await getProfile(device, service);
  return profile ? intakeProblems(profile.intake, record) : [];
}

interface HandoffAnswer {
  readonly ctx: string;
  readonly role: number;
  readonly wrap: string;
  readonly wrapHashes: readonly string[];
  readonly body: string;
  readonly carried?: { readonly ctx: string; readonly wrap: string; readonly body: string };
}

/** The sealed handoff as the server keeps it for this device's service, and the key that opens it. */
export interface SealedHandoffOf {
  readonly input: HandoffInput;
  readonly own: BoxKey;
  readonly service: string;
  readonly trust: HandoffTrust;
}

export async function fetchHandoff(device: Device, referral: string): Promise<SealedHandoffOf> {
  const { chain, statements, trust } = await verifyReferral(device, referral);
  const path = `/v1/referrals/${referral}/handoff`;
  const sealed = await device.session.json<HandoffAnswer>({ method: 'GET', path });
  const { role } = sealed;
  const input = {
    statements,
    role,
    ...inBytes(sealed),
    wrapHashes: sealed.wrapHashes.map(fromBase64url),
    carried: sealed.carried && inBytes(sealed.carried),
  };
  const service = role === ROLE.receiver ? chain.given.to : chain.sender.service.id;
  const own = device.keyInContext(service, role, (input.carried ?? input).ctx);
  return { input, own, service, trust };
}

function inBytes({ ctx, wrap, body }: Pick<HandoffAnswer, 'ctx' | 'wrap' | 'body'>) {
  return { ctx: fromBase64url(ctx), wrap: fromBase64url(wrap), body: fromBase64url(body) };
}
