import {
  answerAudits,
  appointCoordinator,
  certifyRequests,
  Device,
  Joining,
  maintainKeys,
  Problem,
  DuplicateFinder,
  type DeviceState,
  type JoiningState,
  type MaintenanceFailure,
} from '../../client/index.js';
import { toBase64url } from '../../protocol/encoding/bytes.js';
import { deriveInvitation, requireCode } from '../../protocol/encoding/codes.js';
import type { Certificate } from '../../protocol/registry/device-certificate.js';
import { readUnverified } from '../../protocol/encoding/signed.js';
import { Drafts } from './drafts.js';
import type { Folder } from '../folder.js';
import { AgentProblem, codeOf } from './problems.js';
import { Turns } from './turns.js';

const DEVICE = 'device.json';
const JOINING = 'joining.json';
const JOINING_MS = 1000;
const WORKING_MS = 600_000;

/** Where this agent stands, and who it is. */
export interface Status {
  readonly state: 'new' | 'joining' | 'ready';
  /** Code of what went wrong last while it looked after itself; null when nothing did. */
  readonly trouble: string | null;
  /** By how many seconds its clock is ahead of the server's (below zero: behind); null up to five minutes. */
  readonly clockError: number | null;
  readonly device?: {
    readonly id: string;
    readonly role: string;
    readonly organisation: { readonly id: string; readonly name: string };
    readonly services: readonly string[];
    readonly issuer: string;
    readonly certifiedUntil: string;
  };
}

/**
 * One device of an organisation, kept able to work: it joins, follows the registry, takes its grants and its
 * renewed certificate, and is written to the disk after each change.
 */
export class Member {
  readonly drafts: Drafts;
  private readonly turns = new Turns();
  private device: Device | undefined;
  private sent: DuplicateFinder | undefined;
  private joining: Joining | undefined;
  private saved = '';
  private renewedOn = '';
  private trouble: string | null = null;
  private timer: NodeJS.Timeout | undefined;
  private readonly ending = new AbortController();

  private constructor(
    private readonly folder: Folder,
    private readonly server: string | undefined,
  ) {
    this.drafts = new Drafts(folder.inner('drafts'));
  }

  /** @param server origin of the network's server; needed until the device has joined */
  static async open(folder: Folder, server: string | undefined): Promise<Member> {
    const member = new Member(folder, server);
    const device = folder.readJson(DEVICE) as DeviceState | undefined;
    const joining = folder.readJson(JOINING) as JoiningState | undefined;
    if (device) await member.become(device);
    else if (joining) member.joining = await Joining.resume(joining);
    member.lookAfter(0);
    return member;
  }

  status(): Status {
    const { trouble } = this;
    const clockError = this.device?.clockError ?? null;
    if (!this.device) return { state: this.joining ? 'joining' : 'new', trouble, clockError };
    const { organisation, certificate, transport, state } = this.device;
    const { device: id, role, services } = state;
    const certifiedUntil = (readUnverified(certificate).payload as Certificate).until;
    const issuer = transport.issuer;
    const device = { id, role, organisation, services, issuer, certifiedUntil };
    return { state: 'ready', trouble, clockError, device };
  }

  /** The device at work. */
  get ready(): Device {
    if (!this.device) throw new AgentProblem('not_joined');
    return this.device;
  }

  get sentBefore(): DuplicateFinder {
    return (this.sent ??= new DuplicateFinder(this.ready));
  }

  /**
   * Asks with an invitation code. The keys lie on the disk before anybody hears of them; the same code again
   * goes on.
   */
  async join(code: string): Promise<Status> {
    return this.turns.take('join', async () => {
      if (this.device) throw new AgentProblem('already_joined');
      const { seed } = deriveInvitation(requireCode(code)).sign;
      const asking = this.joining?.state.code === toBase64url(seed) ? this.joining : await this.prepare(code);
      await asking.request().catch(asUnknown);
      this.lookAfter(0);
      return this.status();
    });
  }

  /**
   * Makes a coordinator's device one that certifies; from now on it renews keys and lets in whom it has
   * invited.
   */
  async appoint(paperCode: string): Promise<void> {
    await appointCoordinator(this.ready, paperCode);
    this.save();
    this.lookAfter(0);
  }

  /** Writes the device down if anything of it has changed. */
  save(): void {
    if (!this.device) return;
    const text = JSON.stringify(this.device.state);
    if (text === this.saved) return;
    this.folder.write(DEVICE, text);
    this.saved = text;
  }

  async stop(): Promise<void> {
    this.ending.abort();
    clearTimeout(this.timer);
    await this.turns.take('look', () => Promise.resolve());
    this.save();
  }

  private async prepare(code: string): Promise<Joining> {
    const server = this.server ?? this.joining?.state.network.issuer ?? '';
    const joining = await Joining.prepare(server, code).catch(asUnknown);
    this.folder.write(JOINING, JSON.stringify(joining.state));
    return (this.joining = joining);
  }

  private async become(state: DeviceState): Promise<void> {
    this.device = await Device.start(state, { save: () => this.save() });
    this.save();
    this.folder.remove(JOINING);
    this.joining = undefined;
  }

  private lookAfter(afterMs: number): void {
    clearTimeout(this.timer);
    if (this.ending.signal.aborted) return;
    this.timer = setTimeout(() => {
      void this.turns
        .take('look', () => this.look())
        .finally(() => {
          this.lookAfter(this.joining ? JOINING_MS : WORKING_MS);
        });
    }, afterMs);
  }

  /** Whatever goes wrong here is tried again the next time, and shown in the status meanwhile. */
  private async look(): Promise<void> {
    const troubles: string[] = [];
    const step = async (act: Chore): Promise<void> => {
      try {
        for (const { check } of await act()) troubles.push(check);
      } catch (error) {
        troubles.push(codeOf(error));
      }
    };
    const { joining } = this;
    if (joining) await step(() => this.finishJoining(joining).then(nothing));
    if (this.device) for (const act of this.chores(this.device)) await step(act);
    [this.trouble = null] = troubles;
  }

  private async finishJoining(joining: Joining): Promise<void> {
    try {
      await joining.request();
      const state = await joining.finish();
      if (state) await this.become(state);
    } catch (error) {
      if (!isUnknown(error) || this.joining !== joining) throw error;
      this.joining = undefined;
      this.folder.remove(JOINING);
      throw new AgentProblem('invitation_unknown');
    }
  }

  /**
   * Lets in whom it has invited; certifies the months ahead and renews certificates, for which once a day is
   * often enough.
   */
  private async renewKeys(device: Device): Promise<readonly MaintenanceFailure[]> {
    const today = await device.today();
    if (this.renewedOn === today) return [];
    const left = await maintainKeys(device);
    if (left.length === 0) this.renewedOn = today;
    return left;
  }

  private saveState(): Promise<readonly never[]> {
    this.save();
    return Promise.resolve([]);
  }

  /** What it does for itself, each by itself, in this order. */
  private chores(device: Device): Chore[] {
    const isCoordinator = device.state.coordinator !== undefined;
    const coordination = [async () => (await certifyRequests(device)).refused, () => this.renewKeys(device)];
    return [
      () => device.takeGrants(),
      async () => (await answerAudits(device)).refused,
      ...(isCoordinator ? coordination : []),
      () => this.saveState(),
      async () => this.drafts.clear(device, await device.today()),
      () => this.sentBefore.lookThrough(this.ending.signal).then(nothing),
      () => this.saveState(),
    ];
  }
}

/** Something that the agent does by itself; answers what of it was refused. */
type Chore = () => Promise<readonly { readonly check: string }[]>;

function nothing(): readonly never[] {
  return [];
}

/** The server does not know the code, or its time is past. */
function isUnknown(error: unknown): boolean {
  return error instanceof Problem && (error.status === 401 || error.status === 404);
}

function asUnknown(error: unknown): never {
  throw isUnknown(error) ? new AgentProblem('invitation_unknown') : error;
}
