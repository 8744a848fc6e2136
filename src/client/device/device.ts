import { equalBytes, fromBase64url, toBase64url, utf8 } from '../../protocol/encoding/bytes.js';
import { sha256 } from '#sha256';
import { parseCharter, type Charter } from '../../protocol/registry/charter.js';
import {
  epochKeys,
  signingKey,
  thumbprint,
  type BoxKey,
  type EpochKeys,
  type SigningKey,
} from '../../protocol/crypto/keys.js';
import type { Certificate } from '../../protocol/registry/device-certificate.js';
import { parseContext } from '../../protocol/envelope/envelope.js';
import { refuse } from '../../protocol/encoding/errors.js';
import type { Registry } from '../../protocol/registry/registry.js';
import { charterInForce, currentEpoch, requireUnderstood } from '../../protocol/registry/registry-keys.js';
import type { Welcome } from '../../protocol/schemas/welcome.js';
import { hashText, readUnverified } from '../../protocol/encoding/signed.js';
import { readCertificate } from './certify.js';
import { listColleagues } from './colleagues.js';
import { ConsentLogFollower } from './consent-log.js';
import { settleEach, type RefusedItem } from './each.js';
import { makeGrants, takeGrants, type GrantTo } from './grants.js';
import { readAll } from './pages.js';
import { proofKey } from './proof.js';
import { RegistryFollower } from './registry.js';
import { ServerClock } from './server-clock.js';
import { Session } from './session.js';
import {
  deviceKeys,
  findEpochKeys,
  type DeviceKeys,
  type DeviceState,
  type EpochSeed,
  type PendingInvitation,
  type WatchedEntries,
} from './state.js';
import { Transport, type Fetch } from './transport.js';

/** A grant is some 3 KB long, and a request 192 KiB at most. */
const GRANTS_PER_POST = 32;

/** How a device reaches the server, tells the time, and writes its state down. */
export interface DeviceOptions {
  readonly fetch?: Fetch;
  /**
   * The device's clock. It measures how long an invitation lives, and is compared with the server's; no day
   * comes from it.
   */
  readonly clock?: () => Date;
  /**
   * Writes the state down, and is done when it will survive a crash: called before the registry is shown an
   * epoch whose seed only this device has. Whoever makes epochs needs it.
   */
  readonly save?: (state: DeviceState) => void | Promise<void>;
}

/**
 * A device of an organisation at work: its session, its keys, and the registry that it follows.
 * @example
 * const device = await Device.start(state, { save });
 * await device.takeGrants();
 * await save(device.state);
 */
export class Device {
  /** @internal */
  readonly session: Session;
  readonly transport: Transport;
  /** @internal */
  readonly keys: DeviceKeys;
  /** @internal */
  readonly follower: RegistryFollower;
  /** @internal */
  readonly consents: ConsentLogFollower;
  /** @internal */
  readonly serverClock: ServerClock;
  private epochs: readonly EpochSeed[];
  private read: { readonly hash: string; readonly charter: Charter } | undefined;

  private constructor(
    private saved: DeviceState,
    auth: Awaited<ReturnType<typeof proofKey>>,
    private readonly options: DeviceOptions,
  ) {
    this.transport = new Transport(saved.network.issuer, options.fetch);
    this.session = new Session(this.transport, saved.device, auth);
    this.keys = deviceKeys(saved);
    this.follower = new RegistryFollower(this.transport, saved.network);
    this.consents = new ConsentLogFollower(
      this.consentLog,
      this,
      saved.network.consentCheckpoint,
      saved.network.consentRestores ?? 0,
    );
    this.serverClock = new ServerClock(this.transport, () => this.now());
    this.epochs = saved.epochs;
  }

  /** Starts from what was saved; nothing is asked of the server yet. */
  static async start(state: DeviceState, options: DeviceOptions = {}): Promise<Device> {
    return new Device(state, await proofKey(deviceKeys(state).auth), options);
  }

  /** What the app must save, under lock, after each change. */
  get state(): DeviceState {
    return {
      ...this.saved,
      epochs: this.epochs,
      network: {
        ...this.saved.network,
        registry: this.follower.state,
        consentCheckpoint: this.consents.checkpoint,
        consentRestores: this.consents.restoresSeen,
      },
    };
  }

  /** The hour of the device's own clock, right or wrong: for lengths of time alone. */
  now(): Date {
    return this.options.clock?.() ?? new Date();
  }

  /**
   * The day of all that this device signs and looks up, in the charter's time zone: the server's, whatever
   * its own clock says.
   */
  async today(): Promise<string> {
    return (await this.serverClock.read()).today;
  }

  /**
   * By how many seconds this device's clock is ahead of the server's (below zero: behind), where that is more
   * than five minutes; undefined else. Nothing is refused for it: the app tells its user.
   */
  get clockError(): number | undefined {
    return this.serverClock.error;
  }

  /** The registry, followed to its end: every entry is checked here. */
  async registry(): Promise<Registry> {
    return this.follower.follow();
  }

  /**
   * The charter in force, checked against the hash that the registry shows; asked for again when that is
   * another one.
   */
  async charter(): Promise<Charter> {
    const shown = charterInForce(await this.registry())?.textHash ?? refuse('charter');
    if (this.read?.hash === shown) return this.read.charter;
    const { text } = await this.transport.json<{ text: string }>({ method: 'GET', path: '/v1/charter' });
    if (toBase64url(sha256(utf8(text))) !== shown) refuse('charter');
    const charter = parseCharter(text);
    this.read = { hash: shown, charter };
    return charter;
  }

  /**
   * The keys of this service's present epoch, as the registry shows them; a device without them cannot speak
   * for it. `find` says which one that is: a withdrawal is signed even where the registry is not understood
   * to its end.
   * @internal
   */
  async epochOf(
    service: string,
    { find = currentEpoch, day }: { readonly find?: typeof currentEpoch; readonly day?: string } = {},
  ): Promise<EpochKeys> {
    const shown =
      find(await this.registry(), service, day ?? (await this.today())) ?? refuse('key-not-current');
    const own = findEpochKeys(this.epochs, shown);
    if (own) return own;
    await this.takeGrants();
    return findEpochKeys(this.epochs, shown) ?? refuse('key-not-granted');
  }

  /**
   * Every box key this device holds for a service, whatever became of the epoch: what was sealed to it stays
   * readable.
   * @internal
   */
  epochKeysOf(service: string): EpochKeys[] {
    return this.epochs
      .filter((own) => own.service === service)
      .map(({ seed }) => epochKeys(fromBase64url(seed)));
  }

  /**
   * The box key of this service to which a context names a wrap in that role.
   * @internal
   */
  keyInContext(service: string, role: number, ctx: Uint8Array): BoxKey {
    const { recipients } = parseContext(ctx);
    const wanted = recipients.find((recipient) => recipient.role === role) ?? refuse('ctx-recipients');
    const own = this.epochKeysOf(service).find(({ box }) => equalBytes(box.id, wanted.keyId));
    return own?.box ?? refuse('key-not-granted');
  }

  /**
   * Takes the epochs that colleagues have granted to this device since the last time, and its renewed
   * certificate. Answers which grants and certificates do not hold.
   */
  async takeGrants(): Promise<readonly RefusedItem<string>[]> {
    const registry = await this.registry();
    const items = await readAll<string>(this.session, '/v1/grants');
    const colleagues = await listColleagues(this);
    const signers = colleagues.map(({ certificate }) => fromBase64url(certificate.key));
    const keyring = new Map(signers.map((key) => [thumbprint(key), key]));
    const taken = await takeGrants(items, this.keys.box, registry, keyring);
    const known = new Set(this.epochs.map(({ seed }) => seed));
    this.epochs = [...this.epochs, ...taken.done.filter(({ seed }) => !known.has(seed))];
    const own = colleagues.filter(({ certificate }) => certificate.device === this.saved.device);
    const certificates = await settleEach(
      own.map(({ text }) => text),
      (text) => this.takeCertificate(text),
    );
    return [...taken.refused, ...certificates.refused];
  }

  /**
   * Keeps a certificate that a coordinator has renewed: for these very keys, and with a later end than the
   * one held.
   * @internal
   */
  async takeCertificate(text: string): Promise<void> {
    if (text === this.certificate) return;
    const by = { registry: await this.registry(), organisation: this.organisation.id };
    const renewed = readCertificate(text, this.keys, by);
    if (renewed.until > this.certifiedUntil) this.saved = { ...this.saved, certificate: text };
  }

  /**
   * The certificate as of that day: where the one that is held has ended by then, a renewed one may be
   * waiting.
   * @internal
   */
  async certificateOn(day: string): Promise<string> {
    if (this.certifiedUntil < day) await this.takeGrants();
    return this.certificate;
  }

  /**
   * Seals to another device of the organisation the epochs of its services that it lacks and this device
   * holds.
   * @internal
   */
  async grantTo(to: GrantTo): Promise<void> {
    requireUnderstood(await this.registry());
    const by = { registry: await this.registry(), today: await this.today(), signer: this.keys.sign };
    const grants = makeGrants(this.epochs, to, by);
    for (let at = 0; at < grants.length; at += GRANTS_PER_POST)
      await this.postGrants(grants.slice(at, at + GRANTS_PER_POST));
  }

  /**
   * New epochs' seeds, written down before anybody is told of the epochs: a seed without an epoch harms
   * nobody.
   * @internal
   */
  async saveSeeds(seeds: readonly EpochSeed[]): Promise<void> {
    this.epochs = [...this.epochs, ...seeds];
    await this.options.save?.(this.state);
  }

  /** @internal */
  get invitations(): readonly PendingInvitation[] {
    return this.saved.invitations ?? [];
  }

  /** @internal */
  setInvitations(invitations: readonly PendingInvitation[]): void {
    this.saved = { ...this.saved, invitations };
  }

  /**
   * Adds entries to the registry in the organisation's name. Repeating the same entries is safe.
   * @internal
   */
  async postEntries(entries: readonly string[]): Promise<void> {
    const idempotencyKey = toBase64url(hashText(entries.join('\n')));
    requireUnderstood(await this.registry());
    await this.rememberMade(entries);
    await this.session.send({
      method: 'POST',
      path: '/v1/registry/entries',
      idempotencyKey,
      body: { entries },
    });
  }

  /**
   * That these entries are this device's own, before anybody sees them: see `strangeEntries`.
   * @internal
   */
  async rememberMade(entries: readonly string[]): Promise<void> {
    const { from, made } = this.startWatching((await this.registry()).entries.length);
    this.saved = { ...this.saved, watched: { from, made: [...made, ...entries.map(hashOf)] } };
    await this.options.save?.(this.state);
  }

  /**
   * From where on the registry is watched for entries in the organisation's name: at first, from its present
   * end.
   * @internal
   */
  startWatching(end: number): WatchedEntries {
    // a restored registry may be shorter than what somebody has looked at
    const { from, made } = this.saved.watched ?? { from: end, made: [] };
    const watched = { from: Math.min(from, end), made };
    this.saved = { ...this.saved, watched };
    return watched;
  }

  /** @internal */
  watchFrom(from: number): void {
    this.saved = { ...this.saved, watched: { from, made: this.saved.watched?.made ?? [] } };
  }

  /** @internal */
  setCoordinatorKey({ seed }: SigningKey): void {
    this.saved = { ...this.saved, coordinator: toBase64url(seed) };
  }

  /** @internal */
  setPaperBox(publicKey: Uint8Array): void {
    this.saved = { ...this.saved, paperBox: toBase64url(publicKey) };
  }

  /**
   * The key that certifies; only a coordinator's device holds one.
   * @internal
   */
  coordinatorKey(): SigningKey {
    return signingKey(fromBase64url(this.saved.coordinator ?? refuse('not-a-coordinator')));
  }

  /** Whose device this is. */
  get organisation(): { readonly id: string; readonly name: string } {
    return this.saved.organisation;
  }

  /** @internal */
  get certificate(): string {
    return this.saved.certificate;
  }

  private get certifiedUntil(): string {
    return (readUnverified(this.certificate).payload as Certificate).until;
  }

  /** Ids of the services for which it works. */
  get services(): readonly string[] {
    return this.saved.services;
  }

  /** Whether it works for this service. */
  serves(service: string): boolean {
    return this.saved.services.includes(service);
  }

  /** Id of the network. */
  get network(): string {
    return this.saved.network.trust.network;
  }

  /**
   * The yearless name that statements carry in `log`.
   * @internal
   */
  get consentLog(): string {
    return `relais-${this.network}/consent`;
  }

  /**
   * What a new device is told, sealed under its invitation code.
   * @internal
   */
  async welcome(): Promise<Welcome> {
    const registry = await this.registry();
    const { id, name, key } = registry.organisations.get(this.organisation.id) ?? refuse('organisation');
    return {
      issuer: this.transport.issuer,
      network: this.network,
      policy: this.saved.network.policy,
      organisation: { id, name, key: toBase64url(key) },
      checkpoint: this.follower.state.checkpoint ?? refuse('checkpoint'),
    };
  }

  private async postGrants(grants: readonly string[]): Promise<void> {
    const idempotencyKey = toBase64url(hashText(grants.join('\n')));
    await this.session.send({ method: 'POST', path: '/v1/grants', idempotencyKey, body: { grants } });
  }
}

function hashOf(text: string): string {
  return toBase64url(hashText(text));
}
