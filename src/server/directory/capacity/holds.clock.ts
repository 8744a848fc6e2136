import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { Jobs } from '../../common/jobs.js';
import { EXPIRE_HOLDS } from './capacity.sql.js';

const EVERY_MS = 5_000;
const BATCH = 100;

/** Gives back places whose holds are past. Idempotent; it may run on every replica at once. */
@Injectable()
export class HoldsClock implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.jobs.run('holds', () => this.tick()), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Does all that is due. */
  async tick(): Promise<void> {
    while ((await this.expire()) > 0);
  }

  private async expire(): Promise<number> {
    const { rows } = await this.database.app.query<{ done: number }>(EXPIRE_HOLDS.with({ batch: BATCH }));
    return rows[0]?.done ?? 0;
  }
}
