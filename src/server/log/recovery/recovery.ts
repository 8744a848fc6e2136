import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Database, RESTORED, transaction } from '../../../database/index.js';
import { toBase64url } from '../../../protocol/bytes.js';
import type { SigningKey } from '../../../protocol/crypto/keys.js';
import { sign } from '../../../protocol/signed.js';
import { Config } from '../../config/index.js';
import { Fence } from '../fence.js';
import { serveHead, type Head, type Heads, type LogKind } from '../heads.js';
import { readLogKey } from '../log-keys.js';
import { LogService } from '../log.service.js';
import { SigningRefused } from '../signing-refused.js';
import { askWitnesses, type Agreement } from './ask-witnesses.js';
import { growAgain } from './grow-again.js';
import { longest, mirrorsFolder, readEntries, readMirrors, type Mirror } from './mirrors.js';

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

  /** The registry's entries in the longest copy; empty where there is none. */
  async registryEntries(): Promise<Uint8Array[]> {
    const mirrored = longest(await this.mirrors(), 'registry');
    return mirrored ? readEntries(mirrored) : [];
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
      mirrors: await this.mirrors(),
      reach: { resolver: this.resolver, ranges: this.config.webhookRanges },
    });
  }

  /** What everybody is told, in the registry: from which trees the logs go on. */
  async announce({ consent, registry }: Heads, from: string): Promise<string> {
    const { network } = this.log.identity;
    const { registry: key } = await this.keys();
    const tree = { origin: consent.origin, size: Number(consent.size), root: toBase64url(consent.root) };
    const said = { key: toBase64url(key.publicKey), consent: tree, entries: Number(registry.size), from };
    return sign('log-restored+jws', { network, ...said }, key);
  }

  /**
   * From here on this machine signs. What witnesses had seen is public again before anybody can ask. The mark goes last: until
   * then all of it is done again after a crash.
   */
  async resume({ consent, registry }: Heads): Promise<void> {
    const { data } = this.config;
    for (const head of [registry, consent]) await new Fence(data, head.origin).write(head);
    await transaction(this.database.sequencer, async (tx) => {
      for (const { log } of [registry, consent]) await serveHead(tx, log);
    });
    for (const head of [registry, consent]) await this.cosignAgain(head);
    await rm(mirrorsFolder(data), { recursive: true, force: true });
    await rm(join(data, RESTORED));
  }

  private async cosignAgain({ kind }: Head): Promise<void> {
    const mirrored = longest(await this.mirrors(), kind);
    if (!mirrored) return;
    const { note, checkpoint } = mirrored;
    const lines = note.slice(note.indexOf('\n\n') + 2).split('\n');
    await this.log.cosignatures.add({ kind, year: this.log.identity[kind].year }, checkpoint.size, lines);
  }

  private mirrors(): Promise<Mirror[]> {
    return readMirrors(mirrorsFolder(this.config.data), this.log.identity);
  }

  private async keys(): Promise<Record<LogKind, SigningKey>> {
    const { consent, registry } = this.log.identity;
    const keyOf = async (origin: string): Promise<SigningKey> =>
      (await readLogKey(this.config.data, origin)) ??
      Promise.reject(new SigningRefused('this machine does not hold the key of each log'));
    return { consent: await keyOf(consent.origin), registry: await keyOf(registry.origin) };
  }
}
