import { Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../database/index.js';
import { every } from '../common/every.js';
import { Jobs } from '../common/jobs.js';
import { Bell } from './events/bell.js';
import { DROP_OLD } from './events/events.sql.js';
import { Notices } from './mail/notices.js';
import { Deliveries } from './webhooks/deliveries.js';

const EVERY_MS = 5_000;
const DROP_EVERY_MS = 3_600_000;
const BATCH = 5_000;

/**
 * Sends what is due to webhooks and mailboxes, and forgets old events. On every replica at once, if there are
 * several.
 */
@Injectable()
export class TellingJob implements BeforeApplicationShutdown, OnModuleInit {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private droppedAt = 0;
  private isStopping = false;

  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
    private readonly bell: Bell,
    private readonly deliveries: Deliveries,
    private readonly notices: Notices,
  ) {}

  onModuleInit(): void {
    this.bell.onRing(() => void this.tick());
    this.timer = setInterval(() => void this.tick(), EVERY_MS);
    this.timer.unref();
  }

  /** While there still is a database. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.isStopping = true;
    this.deliveries.stop();
    await this.running;
  }

  private async tick(): Promise<void> {
    if (this.isStopping) return;
    this.running ??= this.jobs.run('telling', () => this.run()).finally(() => (this.running = undefined));
    await this.running;
  }

  /** Does all that is due. */
  async run(): Promise<void> {
    await every([() => this.deliveries.run(), () => this.notices.run(), () => this.dropOld()]);
  }

  private async dropOld(): Promise<void> {
    if (Date.now() - this.droppedAt < DROP_EVERY_MS) return;
    while (((await this.database.app.query(DROP_OLD.with({ batch: BATCH }))).rowCount ?? 0) >= BATCH);
    this.droppedAt = Date.now();
  }
}
