import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database, type Bound } from '../../database/index.js';
import { everyInTurn } from '../common/every.js';
import { Jobs } from '../common/jobs.js';
import { FORGET, SETTLE } from './attachments.sql.js';

const EVERY_MS = 60_000;

/** Deletes what was uploaded and not sent within a day. Any replica may do it, at any time. */
@Injectable()
export class UploadsJob implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.jobs.run('uploads', () => this.run()), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async run(): Promise<void> {
    await everyInTurn([FORGET, SETTLE].map((query) => () => this.do(query.with())));
  }

  private async do(query: Bound): Promise<void> {
    await this.database.app.query(query);
  }
}
