import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../database/index.js';
import { Jobs } from '../common/jobs.js';
import { FORGET } from './audits.sql.js';

const EVERY_MS = 3_600_000;

/** Forgets audits a month after their last day. Any replica may do it, at any time. */
@Injectable()
export class AuditsJob implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.jobs.run('audits', () => this.run()), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async run(): Promise<void> {
    await this.database.app.query(FORGET.with());
  }
}
