import {
  settleEach,
  getReferral,
  Problem,
  sendReferral,
  uploadAttachment,
  type CaseSecrets,
  type Device,
  type Referral,
  type RefusedItem,
  type SealedFile,
  type SealedReferral,
} from '../../client/index.js';
import { isId } from '../../protocol/encoding/bytes.js';
import type { Folder } from '../folder.js';
import { AgentProblem } from './problems.js';
import { Turns } from './turns.js';

/**
 * A sealed referral on the disk. No receipt code is in it, and no content that this device could not open
 * anyway.
 */
export interface SavedDraft {
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
  /** Its sealed files, each on the disk under its id until the server has answered. */
  readonly uploads: readonly SealedFile['upload'][];
}

/**
 * What this device has sealed. Written to the disk before anybody is told of it, so that what was sealed once
 * is sent as it is, whatever happens; and known as sent only after the server's answer.
 */
export class Drafts {
  private readonly turns = new Turns();

  constructor(private readonly folder: Folder) {}

  /**
   * Names its files before they are there, and forgets them after they are gone: no crash leaves one that
   * nobody names.
   */
  async add(draft: Omit<SavedDraft, 'uploads'>, files: readonly SealedFile[]): Promise<void> {
    this.save({ ...draft, uploads: files.map(({ upload }) => upload) });
    for (const { upload, body } of files)
      this.folder.write(fileName(upload), new Uint8Array(await body.arrayBuffer()));
  }

  private save(draft: SavedDraft): void {
    this.folder.write(`${draft.draft}.json`, JSON.stringify(draft));
  }

  private saveSent(saved: SavedDraft): void {
    this.removeFiles(saved);
    this.save({ ...saved, tried: true, sealed: null, uploads: [] });
  }

  private remove({ draft, ...saved }: SavedDraft): void {
    this.removeFiles(saved);
    this.folder.remove(`${draft}.json`);
  }

  private removeFiles({ uploads }: Pick<SavedDraft, 'uploads'>): void {
    for (const upload of uploads) this.folder.remove(fileName(upload));
  }

  list(): SavedDraft[] {
    const names = this.folder.names().filter((name) => name.endsWith('.json'));
    const ids = names.map((name) => name.replace(/[.]json$/, ''));
    return ids.flatMap((id) => this.find(id) ?? []);
  }

  find(id: string): SavedDraft | undefined {
    return isId(id) ? (this.folder.readJson(`${id}.json`) as SavedDraft | undefined) : undefined;
  }

  /** Sends, or says how it stands where it was sent before. */
  async send(device: Device, id: string): Promise<Referral> {
    return this.turns.take(id, async () => {
      const saved = this.find(id);
      if (!saved) throw new AgentProblem('not_found');
      if (!saved.sealed) return getReferral(device, id);
      const found = saved.tried ? await find(device, id) : undefined;
      const referral = found ?? (await this.sendNow(device, saved, saved.sealed));
      this.saveSent(saved);
      return referral;
    });
  }

  /**
   * Whose files are not all there was never given to anybody: its making, or its deleting, was broken off.
   */
  private async sendNow(device: Device, saved: SavedDraft, sealed: SealedReferral): Promise<Referral> {
    this.save({ ...saved, tried: true });
    for (const upload of saved.uploads) {
      const bytes = this.folder.readBytes(fileName(upload));
      if (!bytes) throw new AgentProblem('not_found');
      await uploadAttachment(device, { upload, body: new Blob([bytes]) });
    }
    return sendReferral(device, sealed);
  }

  /** Forgets what was never sent. Whether a try has reached the server, the server is asked. */
  async forget(device: Device, id: string): Promise<void> {
    await this.turns.take(id, async () => {
      const saved = this.find(id);
      if (!saved) throw new AgentProblem('not_found');
      if (await this.isSent(device, saved)) throw new AgentProblem('already_sent');
      this.remove(saved);
    });
  }

  /**
   * Takes away what can never be sent any more, and the secrets of cases that nobody may ask for any more.
   */
  async clear(device: Device, today: string): Promise<readonly RefusedItem<SavedDraft>[]> {
    const { refused } = await settleEach(this.list(), ({ draft }) =>
      this.turns.take(draft, async () => {
        const saved = this.find(draft);
        if (!saved) return;
        const isPast = saved.until < today;
        const isLate = saved.sealed !== null && saved.sendUntil < today;
        if (isPast || (isLate && !(await this.isSent(device, saved)))) this.remove(saved);
      }),
    );
    return refused;
  }

  private async isSent(device: Device, saved: SavedDraft): Promise<boolean> {
    if (!saved.sealed) return true;
    if (!saved.tried || !(await find(device, saved.draft))) return false;
    this.saveSent(saved);
    return true;
  }
}

function fileName({ attachment }: SealedFile['upload']): string {
  return `${attachment}.sealed`;
}

async function find(device: Device, referral: string): Promise<Referral | undefined> {
  try {
    return await getReferral(device, referral);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return undefined;
    throw error;
  }
}
