import {
  acknowledge,
  attachmentsOf,
  downloadAttachment,
  getReferral,
  openReferral,
  Problem,
  Refused,
  type Device,
  type Referral,
} from '../../client/index.js';
import { toBase64url } from '../../protocol/encoding/bytes.js';
import type { ConsentRecord } from '../../protocol/schemas/consent-record.js';
import { AgentProblem } from './problems.js';

export interface OpenedAnswer {
  readonly referral: Referral;
  readonly record: Readonly<Record<string, unknown>>;
  readonly fields: readonly string[];
  readonly consent: ConsentRecord;
}

/**
 * Opens a handoff with every check. A receiving service acknowledges it with that: from then on it is, signed
 * and logged, disclosed to it. One error for all that does not hold, and nothing shown before the end.
 */
export async function openFor(device: Device, referral: string): Promise<OpenedAnswer> {
  const found = await getReferral(device, referral);
  try {
    if (found.status === 'requested' && device.serves(found.target)) await acknowledgeOnce(device, referral);
    const { record, fields, consentRecord } = await openWithGrants(device, referral);
    return { referral: await getReferral(device, referral), record, fields, consent: consentRecord };
  } catch (error) {
    throw error instanceof Refused ? new AgentProblem('not_opened') : error;
  }
}

export interface OpenedFile {
  /** As its sender named it: whoever shows it decides what to do with such a type. */
  readonly type: string;
  readonly content: string;
}

/** One of the files that an opened record names, in base64url; nothing of it before its last check. */
export async function openFileFor(device: Device, referral: string, id: string): Promise<OpenedFile> {
  try {
    const opened = await openWithGrants(device, referral);
    const named = attachmentsOf(opened).find((attachment) => attachment.id === id);
    if (!named) throw new AgentProblem('not_found');
    const content = await (await downloadAttachment(device, opened, named)).arrayBuffer();
    return { type: named.type, content: toBase64url(new Uint8Array(content)) };
  } catch (error) {
    throw error instanceof Refused ? new AgentProblem('not_opened') : error;
  }
}

/** A key may have been granted since this agent last looked. */
async function openWithGrants(device: Device, referral: string): ReturnType<typeof openReferral> {
  try {
    return await openReferral(device, referral);
  } catch (error) {
    if (!(error instanceof Refused) || error.check !== 'key-not-granted') throw error;
    await device.takeGrants();
    return openReferral(device, referral);
  }
}

/** A colleague's device may have done so in the same moment. */
async function acknowledgeOnce(device: Device, referral: string): Promise<void> {
  try {
    await acknowledge(device, referral);
  } catch (error) {
    const isDone = error instanceof Problem && ['wrong_state', 'chain_moved'].includes(error.code);
    if (!isDone) throw error;
  }
}
