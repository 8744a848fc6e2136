import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import {
  appendErasures,
  Database,
  dropOldErasures,
  sql,
  transaction,
  unprepared,
  whole,
} from '../../../database/index.js';
import { Jobs } from '../../common/jobs.js';
import { Config } from '../../config/index.js';

const EVERY_MS = 5_000;
const BATCH = 1_000;

/** By hash, so that the list does not tell the order of the day. */
const TAKE = unprepared(
  'erasures-take',
  sql`WITH taken AS (
      DELETE FROM erased e USING (SELECT id FROM erased ORDER BY id LIMIT ${whole(BATCH)}) due
      WHERE e.id = due.id RETURNING e.line
    ) SELECT ARRAY(SELECT line FROM taken ORDER BY line) AS lines, domain_today()::text AS today`,
);

/**
 * Brings what acts have erased to the list outside the database, which every start and a restore read: on the
 * disk first, then forgotten. On every replica at once; each writes to its own folders, or all to one.
 */
@Injectable()
export class ErasureListJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private today: string | undefined;

  constructor(
    private readonly database: Database,
    private readonly config: Config,
    private readonly jobs: Jobs,
  ) {}

  onApplicationBootstrap(): void {
    void this.tick();
    this.timer = setInterval(() => void this.tick(), EVERY_MS);
    this.timer.unref();
  }

  /** While there still is a database: what was erased in the last seconds is in the list as well. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
    await this.tick();
  }

  private async tick(): Promise<void> {
    this.running ??= this.jobs.run('erasures', () => this.run()).finally(() => (this.running = undefined));
    await this.running;
  }

  private async run(): Promise<void> {
    while ((await this.writeBatch()) === BATCH);
  }

  private async writeBatch(): Promise<number> {
    return transaction(this.database.app, async (tx) => {
      const { rows } = await tx.query<{ lines: string[]; today: string }>(TAKE.with());
      const { lines, today } = rows[0] ?? { lines: [], today: '' };
      for (const folder of this.config.erasures) {
        if (lines.length > 0 || today !== this.today) await appendErasures(folder, today, lines);
        if (today !== this.today) await dropOldErasures(folder, today);
      }
      this.today = today;
      return lines.length;
    });
  }
}
