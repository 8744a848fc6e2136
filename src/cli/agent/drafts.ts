import {
  getReferral,
  Problem,
  sendReferral,
  type CaseSecrets,
  type Device,
  type Referral,
  type SealedReferral,
} from '../../client/index.js';
import { isId } from '../../protocol/bytes.js';
import type { Folder } from './folder.js';
import { AgentProblem } from './problems.js';
import { Turns } from './turns.js';

/** A sealed referral on the disk. No receipt code is in it, and no content that this device could not open anyway. */
export interface KeptDraft {
  /** Also the referral's id. */
  readonly draft: string;
  readonly from: string;
  readonly to: string;
  readonly priority: string;
  /** Last days of the consent. */
  readonly sendUntil: string;
  readonly keepUntil: string;
  /** After this day the case's secrets are deleted: the charter's retention is over. */
  readonly until: string;
  /** Whether it may have reached the server already. */
  readonly tried: boolean;
  /** The bytes that are sent, however often; null once the server has answered. */
  readonly sealed: SealedReferral | null;
  readonly caseFile: CaseSecrets;
}

/**
 * What this device has sealed. Written to the disk before anybody is told of it, so that what was sealed once is sent as
 * it is, whatever happens; and known as sent only after the server's answer.
 */
export class Drafts {
  private readonly turns = new Turns();

  constructor(private readonly folder: Folder) {}

  add(draft: KeptDraft): void {
    this.folder.write(`${draft.draft}.json`, JSON.stringify(draft));
  }

  list(): KeptDraft[] {
    const ids = this.folder.names().map((name) => name.replace(/[.]json$/, ''));
    return ids.flatMap((id) => this.find(id) ?? []);
  }

  find(id: string): KeptDraft | undefined {
    return isId(id) ? (this.folder.readJson(`${id}.json`) as KeptDraft | undefined) : undefined;
  }

  /** Sends, or says how it stands where it was sent before. */
  async send(device: Device, id: string): Promise<Referral> {
    return this.turns.take(id, async () => {
      const kept = this.find(id);
      if (!kept) throw new AgentProblem('not_found');
      if (!kept.sealed) return getReferral(device, id);
      this.add({ ...kept, tried: true });
      const referral = await sendOrFind(device, kept.sealed);
      this.add({ ...kept, tried: true, sealed: null });
      return referral;
    });
  }

  /** Forgets what was never sent. Whether a try has reached the server, the server is asked. */
  async remove(device: Device, id: string): Promise<void> {
    await this.turns.take(id, async () => {
      const kept = this.find(id);
      if (!kept) throw new AgentProblem('not_found');
      if (await this.isSent(device, kept)) throw new AgentProblem('already_sent');
      this.folder.remove(`${id}.json`);
    });
  }

  /** Takes away what can never be sent any more, and the secrets of cases that nobody may ask for any more. */
  async clear(device: Device, today: string): Promise<void> {
    for (const { draft } of this.list()) {
      await this.turns.take(draft, async () => {
        const kept = this.find(draft);
        if (!kept) return;
        const isPast = kept.until < today;
        const isLate = kept.sealed !== null && kept.sendUntil < today;
        if (isPast || (isLate && !(await this.isSent(device, kept)))) this.folder.remove(`${draft}.json`);
      });
    }
  }

  private async isSent(device: Device, kept: KeptDraft): Promise<boolean> {
    if (!kept.sealed) return true;
    if (!kept.tried || !(await find(device, kept.draft))) return false;
    this.add({ ...kept, sealed: null });
    return true;
  }
}

/** The server forgets a request's key after three days: what it then calls used was sent by this very draft. */
async function sendOrFind(device: Device, sealed: SealedReferral): Promise<Referral> {
  try {
    return await sendReferral(device, sealed);
  } catch (error) {
    const isUsed = error instanceof Problem && error.code === 'consent_used';
    const found = isUsed ? await find(device, sealed.referral) : undefined;
    if (found) return found;
    throw error;
  }
}

async function find(device: Device, referral: string): Promise<Referral | undefined> {
  try {
    return await getReferral(device, referral);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return undefined;
    throw error;
  }
}
