import { refuse } from '../../protocol/encoding/errors.js';
import {
  type ReleasedChain,
  type HandoffTrust,
  verifyReleased,
} from '../../protocol/handoff/open-handoff.js';
import { parsePolicy } from '../../protocol/log/policy.js';
import { verifyStatementProof } from '../../protocol/log/proof.js';
import { policyAt } from '../../protocol/registry/registry-witnesses.js';
import type { ProofsAnswer } from '../device/consent-log.js';
import type { Device } from '../device/device.js';
import { waitForServer } from '../device/patience.js';
import { getReferral } from './list.js';

/** A statement with its proof of inclusion, as `GET …/proofs` gives it. */
export interface ProvenStatement {
  readonly jws: string;
  readonly proof: string;
}

/**
 * Waits until the log has taken the statements (about two seconds) and gives them with their proofs.
 * @throws Refused `proof` where the log has not taken the statements after some fifteen seconds; `rollback`,
 * `consistency`
 * @example
 * for (const { jws, proof } of await fetchProofs(device, referral)) show(jws, proof);
 */
export async function fetchProofs(device: Device, referral: string): Promise<ProvenStatement[]> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const from = device.consents.checkpoint;
    const query = { from: device.consents.sizeOf(from) };
    const path = `/v1/referrals/${referral}/proofs`;
    const response = await device.session.send({ method: 'GET', path, query });
    const answer = response.status === 200 ? ((await response.json()) as ProofsAnswer) : undefined;
    if (answer && (await isTaken(device, answer, { note: from, size: query.from })))
      return [...answer.statements];
    if (!answer) await waitForServer(attempt);
  }
  return refuse('proof');
}

/**
 * A log that does not continue what was seen is refused, unless the registry says by now that it was put back
 * from a backup, or that a new year's has begun.
 */
async function isTaken(
  device: Device,
  answer: ProofsAnswer,
  from: { readonly note: string | undefined; readonly size: string },
): Promise<boolean> {
  const { years } = device.follower.registry;
  try {
    return await device.consents.take(answer, from.note);
  } catch (refusal) {
    const now = await device.registry();
    const isExplained = device.consents.sizeOf(from.note) !== from.size || now.years.length > years.length;
    if (!isExplained) throw refusal;
    return false;
  }
}

/**
 * The statements under a checkpoint that a quorum of the registry's witnesses has seen: what nobody, the
 * operator included, can take back. Undefined until there is one that holds: ask again after the next
 * publication.
 * @throws Problem `not_found`
 * @example
 * const proofs = await fetchFinalProofs(device, referral);
 * show(proofs ? 'witnessed' : 'not yet');
 */
export async function fetchFinalProofs(
  device: Device,
  referral: string,
): Promise<ProvenStatement[] | undefined> {
  const path = `/v1/referrals/${referral}/proofs`;
  const response = await device.session.send({ method: 'GET', path, query: { degree: 'final' } });
  if (response.status !== 200) return undefined;
  const { statements } = (await response.json()) as ProofsAnswer;
  const registry = await device.registry();
  const policy = parsePolicy(policyAt(registry, device.follower.policy.logs, registry.entries.length));
  const isFinal = ({ jws, proof }: ProvenStatement): boolean => {
    try {
      return verifyStatementProof(device.consentLog, jws, proof, policy).size > 0n;
    } catch {
      return false;
    }
  };
  return statements.every(isFinal) ? [...statements] : undefined;
}

export interface VerifiedReferral {
  readonly statements: readonly ProvenStatement[];
  readonly chain: ReleasedChain;
  readonly trust: HandoffTrust;
}

/**
 * What is asked before anything is opened or signed: the statements hold and are in the log, they are those
 * of the referral that was asked for, between the services that it names, and this device serves one of them.
 */
export async function verifyReferral(device: Device, referral: string): Promise<VerifiedReferral> {
  const statements = await fetchProofs(device, referral);
  const { source, target } = await getReferral(device, referral);
  const trust = {
    log: device.consentLog,
    registry: await device.registry(),
    policy: device.follower.policy,
    charter: await device.charter(),
  };
  const chain = verifyReleased(statements, trust);
  const { given } = chain;
  if (given.referral !== referral || given.from !== source || given.to !== target) refuse('referral');
  if (!device.serves(source) && !device.serves(target)) refuse('referral');
  return { statements, chain, trust };
}
