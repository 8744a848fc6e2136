import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../database/index.js';
import { Jobs } from '../common/jobs.js';
import { CLOSE } from './close.sql.js';

const EVERY_MS = 5_000;
const BATCH = 100;

/** Closes what is due, a batch at a time; rows that another process holds are its own. */
function expireSql(event: string, reason: string, isDue: string): { name: string; text: string } {
  return {
    name: `clock-${event}`,
    text: `WITH due AS (SELECT id FROM referral_open WHERE ${isDue} LIMIT $1 FOR UPDATE SKIP LOCKED), acted AS (
        UPDATE referral r SET open = false, status = 'cancelled', status_reason = '${reason}',
          sent_at = date_trunc('day', r.sent_at), respond_by = NULL
        FROM due WHERE r.open AND r.id = due.id
        RETURNING r.*, true AS was_open, true AS closes, true AS erases
      ), ${CLOSE} SELECT count(*)::integer AS done FROM acted`,
  };
}

/** `consent-expire` and `expire` of the state machine, in that order: the person's own date comes first. */
const CONSENT_EXPIRE = expireSql(
  'consent-expire',
  'consent-expired',
  "status = 'requested' AND send_until < domain_today()",
);
const EXPIRE = expireSql(
  'expire',
  'no-response',
  "status IN ('requested', 'received') AND respond_by < domain_now()",
);
/** Nobody keeps content beyond the day that the person was told. What is due changes with the day, so it is asked once a day. */
const ERASE = {
  name: 'clock-erase',
  text: `WITH past AS (
      SELECT r.open, r.id FROM referral r JOIN handoff h ON h.open = r.open AND h.referral = r.id
      WHERE r.keep_until < domain_today() AND domain_today() IS DISTINCT FROM $2::date LIMIT $1
    ), wraps AS (DELETE FROM handoff_wrap w USING past p WHERE w.open = p.open AND w.referral = p.id),
    bodies AS (DELETE FROM handoff h USING past p WHERE h.open = p.open AND h.referral = p.id RETURNING 1)
    SELECT count(*)::integer AS done, domain_today() AS today FROM bodies`,
};

interface Done {
  readonly done: number;
  readonly today: string | null;
}

/** What time itself does to referrals. Idempotent; it may run on every replica at once. */
@Injectable()
export class Clock implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  /** Day on which this process last erased all that was past. */
  private erasedOn: string | null = null;

  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.jobs.run('clock', () => this.tick()), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Does all that is due. */
  async tick(): Promise<void> {
    for (const statement of [CONSENT_EXPIRE, EXPIRE]) while ((await this.run(statement, [])).done >= BATCH);
    let erased = await this.run(ERASE, [this.erasedOn]);
    while (erased.done >= BATCH) erased = await this.run(ERASE, [this.erasedOn]);
    this.erasedOn = erased.today;
  }

  private async run(statement: { name: string; text: string }, values: unknown[]): Promise<Done> {
    const { rows } = await this.database.app.query<Done>({ ...statement, values: [BATCH, ...values] });
    return rows[0] ?? { done: 0, today: null };
  }
}
