import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database, sql, unprepared } from '../../database/index.js';
import { Jobs } from '../common/jobs.js';

const EVERY_MS = 60_000;
/** Longer than anybody but its maker can show an assertion again. */
const FORGET = [
  unprepared(
    'expiry-assertions',
    sql`DELETE FROM assertion_replay WHERE seen_at < now() - interval '15 minutes'`,
  ),
  unprepared('expiry-tokens', sql`DELETE FROM access_token WHERE expires_at < now()`),
  unprepared('expiry-answers', sql`DELETE FROM idempotency WHERE answered_at < now() - interval '72 hours'`),
];

/** Forgets what can no longer be used. Any replica may do it, at any time. */
@Injectable()
export class ExpiryJob implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.jobs.run('expiry', () => this.run()), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async run(): Promise<void> {
    for (const query of FORGET) await this.database.app.query(query.with());
  }
}
