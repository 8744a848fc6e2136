import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../database/index.js';
import { Jobs } from '../common/jobs.js';
import { Config } from '../config/index.js';
import { Cosignatures } from './cosignatures.js';
import { openLogs } from './first-start.js';
import { findIdentity, type LogIdentity } from './identity.js';
import { LogReader, type OwnLeaf, type ProofsOf, type StatementProofs } from './log-reader.js';
import { SequencerLoop, type Signing } from './sequencer-loop.js';
import type { RoundOutcome } from './sequencer.js';
import { makeSequencer } from './signer.js';
import { Standing } from './standing.js';
import { WAITING_SINCE } from './witnesses.sql.js';

const LOOK_AGAIN_MS = 20;

/** Both logs as the other features see them: identity, proofs, and whether this machine signs. */
@Injectable()
export class LogService implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly reader: LogReader;
  private readonly loop: SequencerLoop;
  private readonly standing: Standing;
  private known: LogIdentity | undefined;
  private unwitnessed: string | null = null;

  constructor(
    private readonly database: Database,
    private readonly config: Config,
    private readonly jobs: Jobs,
  ) {
    this.reader = new LogReader(database.app);
    this.standing = new Standing(database.sequencer, config.data);
    this.loop = new SequencerLoop(this.makeRound(), config.sequenceEveryMs, ({ reason }) => {
      if (reason !== undefined) jobs.failed('sequencer', reason);
    });
  }

  /** The network's id and its logs, as of the last round; made at the very first start. */
  get identity(): LogIdentity {
    if (!this.known) throw new Error('the logs are not open yet');
    return this.known;
  }

  /** Reads again which logs are open: a new year may have begun, here or on another replica. */
  async refresh(): Promise<LogIdentity> {
    return (this.known = (await findIdentity(this.database.sequencer)) ?? this.identity);
  }

  /** Who must have seen a checkpoint, and who has. */
  get cosignatures(): Cosignatures {
    return new Cosignatures(this.database.app, this.identity.network);
  }

  /**
   * Instant since which the newest checkpoints wait for witnesses, where that is longer than a day: proofs
   * stay provisional.
   */
  async readUnwitnessed(): Promise<string | null> {
    const { rows } = await this.database.app.query<{ since: Date | null; late: boolean }>(
      WAITING_SINCE.with(),
    );
    const [{ since, late } = { since: null, late: false }] = rows;
    return (this.unwitnessed = late ? (since?.toISOString() ?? null) : null);
  }

  /** The same, as of the last round. */
  get unwitnessedSince(): string | null {
    return this.unwitnessed;
  }

  /** For readiness: a machine that cannot sign still serves the logs. */
  get signing(): Signing {
    return this.loop.signing;
  }

  /**
   * From here on each new connection is looked at before it is used: what it reaches may be another database
   * than before.
   */
  watchConnections(): void {
    this.database.admit = (client) => this.standing.admit(client);
  }

  /** The database is older than what was signed, and serves nothing before it is restored openly. */
  get isBehind(): boolean {
    return this.standing.isBehind;
  }

  async onModuleInit(): Promise<void> {
    this.known = await openLogs(this.database.sequencer, this.config.data);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.standing.open(this.identity);
    await this.loop.start();
  }

  /** Before the pools are closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** Sequences now rather than within the second. */
  nudge(): void {
    this.loop.nudge();
  }

  /**
   * Proofs of own statements, against the newest checkpoint that was signed and fenced, or the newest that
   * the witnesses have seen; with a consistency proof from size `from`. Undefined while one of them has none
   * of that degree.
   */
  statementProofs(leaves: readonly OwnLeaf[], of: ProofsOf): Promise<StatementProofs | undefined> {
    return this.reader.statementProofs(leaves, of);
  }

  /** tlog-proof text of a registry entry; undefined while it is not sequenced. */
  registryProof(index: bigint): Promise<string | undefined> {
    return this.reader.registryProof(index);
  }

  /** Waits until a committed registry entry is in a signed checkpoint; false when that takes longer. */
  async registrySequenced(index: bigint, timeoutMs = 5000): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    this.nudge();
    while ((await this.reader.registrySize()) <= index) {
      if (performance.now() > end) return false;
      await sleep(LOOK_AGAIN_MS);
    }
    return true;
  }

  /**
   * The sequencer is made in the first round of a year that can make it: keys may be put in their place
   * later.
   */
  private makeRound(): ConstructorParameters<typeof SequencerLoop>[0] {
    let sequencer: ReturnType<typeof makeSequencer> | undefined;
    let year: number | undefined;
    const run = async (): Promise<RoundOutcome> => {
      await this.standing.look();
      const identity = await this.refresh();
      if (identity.registry.year !== year) sequencer = undefined;
      year = identity.registry.year;
      sequencer ??= makeSequencer(this.database, this.config.data, identity);
      sequencer.catch(() => (sequencer = undefined));
      await this.readUnwitnessed();
      const outcome = await (await sequencer).round();
      this.jobs.succeeded('sequencer');
      return outcome;
    };
    return async () => {
      try {
        return await run();
      } catch (error) {
        await this.standing.judge(error);
        throw error;
      }
    };
  }
}
