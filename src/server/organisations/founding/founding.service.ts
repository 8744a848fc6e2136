import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { textHash } from '../../../protocol/registry/charter.js';
import type { Registry } from '../../../protocol/registry/registry.js';
import { Database, transaction } from '../../../database/index.js';
import { CharterService } from '../../charter/index.js';
import { DomainError, Unauthorised } from '../../common/errors/index.js';
import { Config } from '../../config/index.js';
import { DevicesService } from '../devices/devices.service.js';
import { refusedAsInvalid } from '../refused.js';
import { RegistryService } from '../registry/registry.service.js';
import { foundingEntries, verifyFounding, type Founding, type VerifiedFounding } from './founding.rules.js';
import { countCertificatesSql, isTimeZoneSql, setTimeZoneSql } from './founding.sql.js';
import { FoundingToken } from './founding.token.js';

/**
 * The one act that nobody's vote precedes: the founders' registry, charter and first devices, all or nothing,
 * once.
 */
@Injectable()
export class FoundingService implements OnApplicationBootstrap {
  readonly token: FoundingToken;

  constructor(
    config: Config,
    private readonly database: Database,
    private readonly registry: RegistryService,
    private readonly charter: CharterService,
    private readonly devices: DevicesService,
  ) {
    this.token = new FoundingToken(config.data);
  }

  /** An unfounded network needs its token; a founded one must have none, whatever a crash left behind. */
  async onApplicationBootstrap(): Promise<void> {
    const { entries } = await this.registry.current(this.database.app);
    await (entries.length === 0 ? this.token.ensure() : this.token.remove());
  }

  /**
   * Founds the network and answers the size of its registry. Repeating the same founding, whose answer got
   * lost, answers the same.
   * @throws DomainError unauthorised, wrong_state once there is another network, statement_invalid
   */
  async found(token: string, founding: Founding): Promise<number> {
    const size = await transaction(this.database.app, async (tx) => {
      await this.registry.lock(tx);
      const before = await this.registry.current(tx);
      if (before.entries.length > 0) return this.requireSame(tx, before, founding);
      if (!(await this.token.matches(token))) throw new Unauthorised('invalid_token');
      return refusedAsInvalid(() => this.write(tx, founding));
    });
    await this.registry.sequenced(BigInt(size) - 1n);
    await this.token.remove();
    return size;
  }

  private async write(tx: PoolClient, founding: Founding): Promise<number> {
    const empty = this.registry.unfounded([]);
    const verified = verifyFounding(founding, empty.trust.network, await this.registry.today(tx));
    await this.setTimeZone(tx, verified);
    await this.registry.append(tx, this.registry.unfounded(verified.roots), verified.entries);
    await this.writeCharter(tx, founding, verified);
    for (const device of verified.devices) await this.devices.add(tx, device);
    return verified.entries.length;
  }

  private async writeCharter(
    tx: PoolClient,
    { charter }: Founding,
    { from }: VerifiedFounding,
  ): Promise<void> {
    const { text, signatures } = charter;
    await this.charter.record(tx, { version: 1, text, textHash: textHash(text), from, signatures });
  }

  /** The database counts days in this zone, so it must know it. */
  private async setTimeZone(tx: PoolClient, { charter }: VerifiedFounding): Promise<void> {
    const { rows } = await tx.query<{ known: boolean }>(isTimeZoneSql.with({ timeZone: charter.timeZone }));
    if (rows[0]?.known !== true)
      throw new DomainError('statement_invalid', { pointer: '/charter/text', inside: '/timeZone' });
    await tx.query(setTimeZoneSql.with({ timeZone: charter.timeZone }));
  }

  /**
   * The token is gone by now; what proves the same founders is that they know all of it, certificates
   * included.
   */
  private async requireSame(tx: PoolClient, { entries }: Registry, founding: Founding): Promise<number> {
    const given = foundingEntries(founding);
    const certificates = founding.devices.map((device) => device.certificate);
    const { rows } = await tx.query<{ known: number }>(countCertificatesSql.with({ certificates }));
    const same = given.length <= entries.length && given.every((entry, at) => entry === entries[at]);
    if (!same || given.length === 0 || rows[0]?.known !== certificates.length)
      throw new DomainError('wrong_state');
    return given.length;
  }
}
