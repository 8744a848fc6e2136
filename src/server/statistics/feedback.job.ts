import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { Database, transaction } from '../../database/index.js';
import { feedbackTable, type CountedAnswers } from '../../protocol/envelope/feedback.js';
import { CharterService } from '../charter/index.js';
import { everyInTurn } from '../common/every.js';
import { Jobs } from '../common/jobs.js';
import { COUNTED, ENDED, FORGET, PUBLISH } from './feedback.sql.js';

const EVERY_MS = 5_000;
/** The table's name in the charter's list of statistics. */
const NAME = 'feedback';

type EndedRow = CountedAnswers & { readonly quarter: string };

/**
 * Thirty days after a quarter its answers become the one table that the network has voted for, and go. Any
 * replica may do it, at any time, and again.
 */
@Injectable()
export class FeedbackJob implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly charter: CharterService,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.jobs.run('statistics', () => this.run()), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async run(): Promise<void> {
    await everyInTurn([() => this.forget(), () => this.closeQuarters()]);
  }

  private async forget(): Promise<void> {
    await this.database.app.query(FORGET.with());
  }

  private async closeQuarters(): Promise<void> {
    while (await transaction(this.database.app, (tx) => this.closeQuarter(tx)));
  }

  /** One quarter, the earliest; false where none has ended. */
  private async closeQuarter(tx: PoolClient): Promise<boolean> {
    const { rows } = await tx.query<EndedRow>(ENDED.with());
    const quarter = rows[0]?.quarter;
    if (quarter === undefined) return false;
    const { statistics } = await this.charter.inForce(tx);
    const table = JSON.stringify(feedbackTable(quarter, rows));
    if (statistics.includes(NAME)) await tx.query(PUBLISH.with({ quarter, table }));
    await tx.query(COUNTED.with({ quarter }));
    return true;
  }
}
