import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, transaction } from '../../database/index.js';
import { followRegistry, type Registry } from '../../protocol/registry/registry.js';
import { isClosed } from '../../protocol/registry/registry-logs.js';
import { readUnverified } from '../../protocol/encoding/signed.js';
import { appendRegistryEntries, LogRecovery, type Agreement, type LogHeads } from '../log/index.js';
import { mirrorEntry } from './registry/registry.mirror.js';
import { RegistryService } from './registry/registry.service.js';

const AGAIN_MS = 5_000;

/**
 * A network that was put back from a backup does not speak before it knows what it had said: it takes back
 * what its witnesses' copies have, asks a majority of them whether they know more, and says in the registry
 * that it was restored. Until then nothing listens, so nobody can act on a registry whose last revocations
 * are missing.
 */
@Injectable()
export class RecoveryService implements OnModuleInit {
  private said = '';

  constructor(
    private readonly database: Database,
    private readonly recovery: LogRecovery,
    private readonly registry: RegistryService,
  ) {}

  async onModuleInit(): Promise<void> {
    if (!this.recovery.isRestored) return;
    while (!(await this.attempt())) await sleep(AGAIN_MS);
    this.say('restored from a backup: this network signs again');
  }

  private async attempt(): Promise<boolean> {
    const registry = await this.takeBackEntries();
    const heads = await this.recovery.grow();
    const agreement = await this.recovery.ask(heads);
    if (!agreement.isAgreed) {
      this.say(waitingFor(agreement));
      return false;
    }
    if (isClosed(registry)) {
      await this.recovery.endYear(heads);
      return this.attempt();
    }
    await this.announce(heads);
    await this.recovery.resume(heads);
    return true;
  }

  /**
   * Entries that the registry had accepted before: signatures are verified again, today's rules are not
   * asked.
   */
  private async takeBackEntries(): Promise<Registry> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const { first, entries } = await this.recovery.registryEntries();
    const known = entries.map((entry) => decoder.decode(entry));
    return transaction(this.database.app, async (tx) => {
      await this.registry.lock(tx);
      const before = await this.registry.current(tx);
      const ofYear = before.entries.slice(first);
      const fresh = known.slice(ofYear.length);
      if (ofYear.some((entry, i) => i < known.length && entry !== known[i]))
        throw new Error('a witness has a copy of another registry than this database');
      const registry = followRegistry(before, fresh);
      for (const [i, text] of fresh.entries()) {
        const index = BigInt(before.entries.length + i);
        // the words of an agreement are in no log; the signatures are
        if (readUnverified(text).header.typ !== 'agreement+jws') await mirrorEntry(tx, { text, index });
      }
      if (fresh.length > 0) await appendRegistryEntries(tx, fresh);
      return registry;
    });
  }

  private async announce(heads: LogHeads): Promise<void> {
    await transaction(this.database.app, async (tx) => {
      await this.registry.lock(tx);
      const before = await this.registry.current(tx);
      // of a network that was never founded nobody has seen anything
      if (before.entries.length === 0) return;
      // said already, by a start that was killed before it had forgotten that it must
      if (before.restores.at(-1)?.index === before.entries.length - 1) return;
      await this.registry.append(tx, before, [
        await this.recovery.announce(heads, await this.registry.today(tx)),
      ]);
    });
  }

  private say(sentence: string): void {
    if (sentence !== this.said) process.stderr.write(`relais: ${sentence}\n`);
    this.said = sentence;
  }
}

function waitingFor({ agree, silent, know }: Agreement): string {
  const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
  return (
    `restored from a backup: nothing is served or signed before a majority of the witnesses agrees. ` +
    `Agree: ${list(agree)}. Not heard of: ${list(silent)}. Know more than this database: ${list(know)}. ` +
    `Give their copies of the logs: relais log recover DIR`
  );
}
