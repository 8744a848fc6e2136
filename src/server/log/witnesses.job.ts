import { Resolver } from 'node:dns/promises';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../../database/index.js';
import { consistencyProof } from '../../protocol/log/merkle.js';
import { formatAddCheckpoint } from '../../protocol/log/witness.js';
import { ask, findReachable, type OutgoingAnswer } from '../common/outgoing/index.js';
import { every } from '../common/every.js';
import { Jobs } from '../common/jobs.js';
import { Config } from '../config/index.js';
import { LogService } from './log.service.js';
import type { LogKind } from './heads.js';
import { treeReader } from './tree.js';
import { TO_ASK } from './witnesses.sql.js';

const EVERY_MS = 1_000;
const LONGEST_PAUSE_MS = 600_000;

interface Asked {
  readonly kind: LogKind;
  readonly year: number;
  readonly log: number;
  readonly size: string;
  readonly note: string;
  readonly kid: string;
  readonly url: string;
  readonly last: string;
}

interface Patience {
  readonly failures: number;
  readonly until: number;
}

/**
 * Shows each new checkpoint to the witnesses that have an address (C2SP tlog-witness), on every replica at
 * once: one that has cosigned already says so. Who does not answer is asked less and less often, up to every
 * ten minutes.
 */
@Injectable()
export class WitnessesJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private readonly patience = new Map<string, Patience>();

  constructor(
    private readonly database: Database,
    private readonly config: Config,
    private readonly jobs: Jobs,
    private readonly resolver: Resolver,
    private readonly log: LogService,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running ??= this.jobs.run('witnesses', () => this.run()).finally(() => (this.running = undefined));
    }, EVERY_MS);
    this.timer.unref();
  }

  /** While there still is a database. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { rows } = await this.database.app.query<Asked>(TO_ASK.with());
    const due = rows.filter(({ kid }) => (this.patience.get(kid)?.until ?? 0) <= Date.now());
    await every(due.map((asked) => () => this.show(asked)));
    const isLate = rows.some(({ kid }) => (this.patience.get(kid)?.failures ?? 0) > 0);
    if (isLate) throw Object.assign(new Error('no cosignature'), { code: 'no-cosignature' });
  }

  private async show(asked: Asked): Promise<void> {
    const isSigned = await this.collect(asked).catch(() => false);
    if (this.stopping.signal.aborted) return;
    const { kid } = asked;
    const failures = isSigned ? 0 : (this.patience.get(kid)?.failures ?? 0) + 1;
    const pause = failures === 0 ? 0 : Math.min(1000 * 2 ** failures, LONGEST_PAUSE_MS);
    this.patience.set(kid, { failures, until: Date.now() + pause });
  }

  /**
   * Whether it has signed. One that has seen more than we noted says how much (409): then it is asked once
   * more, from there.
   */
  private async collect(asked: Asked): Promise<boolean> {
    let answer = await this.post(asked, BigInt(asked.last));
    const known = /^(0|[1-9][0-9]{0,18})\n$/.exec(answer?.text ?? '')?.[1];
    if (answer?.status === 409 && known !== undefined && BigInt(known) <= BigInt(asked.size))
      answer = await this.post(asked, BigInt(known));
    const lines = answer?.status === 200 ? answer.text.split('\n').filter((line) => line !== '') : [];
    const { kind, year, size } = asked;
    if (lines.length > 0) await this.log.cosignatures.add({ kind, year }, BigInt(size), lines);
    return lines.length > 0;
  }

  /** Undefined where it may not be reached. */
  private async post(
    { log, size, note, url: prefix, kid }: Asked,
    old: bigint,
  ): Promise<OutgoingAnswer | undefined> {
    const url = new URL(`${prefix}/add-checkpoint`);
    const turn = this.patience.get(kid)?.failures ?? 0;
    const { resolver, config } = this;
    const address = await findReachable(url, { resolver, ranges: config.webhookRanges, turn });
    if (address === undefined) return undefined;
    const consistency =
      old === 0n ? [] : await consistencyProof(treeReader(this.database.app, log), old, BigInt(size));
    const body = formatAddCheckpoint({ old, consistency, checkpoint: note });
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    return ask({ url, address, headers, body }, this.stopping.signal);
  }
}
