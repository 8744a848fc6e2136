import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Database, RESTORED, sql, transaction, unprepared } from '../../../database/index.js';
import { toBase64url } from '../../../protocol/encoding/bytes.js';
import type { SigningKey } from '../../../protocol/crypto/keys.js';
import { sign } from '../../../protocol/encoding/signed.js';
import { Config } from '../../config/index.js';
import { Fence, NOTHING } from '../fence.js';
import { entriesOf, serveHead, type Head, type Heads, type LogKind } from '../heads.js';
import { originAfter, type LogPair } from '../identity.js';
import { readLogKey, readSeed } from '../log-keys.js';
import { LogService } from '../log.service.js';
import { keysAfter } from '../signer.js';
import { SigningRefused } from '../signing-refused.js';
import { endPair } from '../year.js';
import { askWitnesses, type Agreement } from './ask-witnesses.js';
import { growAgain } from './grow-again.js';
import { longest, mirrorsFolder, openingIn, readEntries, readMirrors, type Mirror } from './mirrors.js';

const FIRST = unprepared(
  'recovery-first',
  sql`SELECT first FROM log WHERE kind = 'registry' AND state = 'open'`,
);
const RESUMED = unprepared('recovery-resumed', sql`UPDATE network SET behind = false WHERE behind`);

/** The logs of a network that was put back from a backup, until it may sign again. */
@Injectable()
export class LogRecovery {
  constructor(
    private readonly database: Database,
    private readonly config: Config,
    private readonly resolver: Resolver,
    private readonly log: LogService,
  ) {}

  get isRestored(): boolean {
    return existsSync(join(this.config.data, RESTORED));
  }

  /**
   * This year's registry entries in the longest copy, empty where there is none; `first` entries are from the
   * years before.
   */
  async registryEntries(): Promise<{ first: number; entries: Uint8Array[] }> {
    const mirrored = longest(await this.mirrors(), 'registry');
    const { rows } = await this.database.app.query<{ first: string }>(FIRST.with());
    return { first: Number(rows[0]?.first ?? 0), entries: mirrored ? await readEntries(mirrored) : [] };
  }

  /** Grows the logs to where the copies have them, once the registry's entries are back in the database. */
  async grow(): Promise<Heads> {
    const keys = await this.keys();
    const consent = longest(await this.mirrors(), 'consent');
    return transaction(this.database.sequencer, (tx) => growAgain(tx, keys, consent));
  }

  async ask(heads: Heads): Promise<Agreement> {
    return askWitnesses(this.database.app, {
      network: this.log.identity.network,
      heads,
      keys: await this.keys(),
      mirrors: await this.mirrorsOf(this.log.identity.pairs.slice(-2)),
      reach: { resolver: this.resolver, ranges: this.config.webhookRanges },
    });
  }

  /** What everybody is told, in the registry: from which trees the logs go on. */
  async announce({ consent, registry }: Heads, from: string): Promise<string> {
    const { network } = this.log.identity;
    const { registry: key } = await this.keys();
    const tree = { origin: consent.origin, size: Number(consent.size), root: toBase64url(consent.root) };
    const said = {
      key: toBase64url(key.publicKey),
      consent: tree,
      entries: Number(entriesOf(registry)),
      from,
    };
    return sign('log-restored+jws', { network, ...said }, key);
  }

  /**
   * Ends the open pair of logs, whose registry has named the next year's keys, and opens that one: as a copy
   * of it says that it was done, or now. Their fences are written before the commit: until the mark is gone
   * all of it is done again.
   */
  async endYear(heads: Heads): Promise<void> {
    const { data } = this.config;
    const identity = this.log.identity;
    const nextKeys = await keysAfter(data, identity);
    const seed = await readSeed(data, identity.consent.origin, 'pads');
    if (!seed) throw new SigningRefused('this machine does not hold the pad seed of the consent log');
    const ended = await transaction(this.database.sequencer, async (tx) => {
      const material = { name: identity.consent.name, seed };
      const opening = await openingIn(mirrorsFolder(data), { identity, nextKeys });
      const turned = await endPair(tx, { heads, keys: await this.keys(), material, nextKeys }, opening);
      for (const head of turned) await new Fence(data, head.origin).write(head);
      return turned;
    });
    await this.show(ended);
    await this.log.refresh();
  }

  /**
   * From here on this machine signs. What witnesses had seen is public again before anybody can ask. The mark
   * goes last: until then all of it is done again after a crash.
   */
  async resume({ consent, registry }: Heads): Promise<void> {
    const { data } = this.config;
    for (const head of [registry, consent]) await new Fence(data, head.origin).write(head);
    await this.fenceNextYear();
    await this.show([registry, consent]);
    await this.database.sequencer.query(RESUMED.with());
    await rm(mirrorsFolder(data), { recursive: true, force: true });
    await rm(join(data, RESTORED));
  }

  /**
   * The next year's keys are here already. With those nothing was signed, or the copies would have said so.
   */
  private async fenceNextYear(): Promise<void> {
    const { consent, registry } = this.log.identity;
    for (const origin of [originAfter(consent), originAfter(registry)]) {
      await new Fence(this.config.data, origin).write(NOTHING);
    }
  }

  private async show(heads: readonly Head[]): Promise<void> {
    await transaction(this.database.sequencer, async (tx) => {
      for (const { log } of heads) await serveHead(tx, log);
    });
    for (const head of heads) await this.cosignAgain(head);
  }

  private async cosignAgain({ kind }: Head): Promise<void> {
    const mirrored = longest(await this.mirrors(), kind);
    if (!mirrored) return;
    const { note, checkpoint } = mirrored;
    const lines = note.slice(note.indexOf('\n\n') + 2).split('\n');
    await this.log.cosignatures.add({ kind, year: this.log.identity[kind].year }, checkpoint.size, lines);
  }

  private mirrors(): Promise<Mirror[]> {
    return this.mirrorsOf([this.log.identity]);
  }

  /** Of the year before too: the copy of a witness that has seen nothing of a new year yet ends there. */
  private async mirrorsOf(pairs: readonly LogPair[]): Promise<Mirror[]> {
    const folder = mirrorsFolder(this.config.data);
    return (await Promise.all(pairs.map((pair) => readMirrors(folder, pair)))).flat();
  }

  private async keys(): Promise<Record<LogKind, SigningKey>> {
    const { consent, registry } = this.log.identity;
    const keyOf = async (origin: string): Promise<SigningKey> =>
      (await readLogKey(this.config.data, origin)) ??
      Promise.reject(new SigningRefused('this machine does not hold the key of each log'));
    return { consent: await keyOf(consent.origin), registry: await keyOf(registry.origin) };
  }
}
