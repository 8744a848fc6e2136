import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { Damage, isDamage } from '../../common/damage.js';
import { everyInTurn } from '../../common/every.js';
import { Jobs } from '../../common/jobs.js';
import { CLOSE, CLOSE_DAMAGED, closing, ERASED_READABLE } from './close.sql.js';
import { RETENTION } from './retention.sql.js';

const EVERY_MS = 5_000;
const BATCH = 100;

/** Closes what is due, a batch at a time; rows that another process holds are its own. */
function expireSql(event: string, reason: string, isDue: string): Statement {
  const text = (
    close: string,
    asked: string,
  ): string => `WITH due AS (SELECT id FROM referral_open WHERE ${isDue} LIMIT $1 FOR UPDATE SKIP LOCKED), acted AS (
        UPDATE referral r SET status = 'cancelled', status_reason = '${reason}', business_status = NULL, ${closing('true', 'true')}
        FROM due WHERE r.open AND r.id = due.id
        RETURNING r.*, true AS was_open, true AS closes, true AS erases
      ), ${close} SELECT count(*)::integer AS done FROM acted WHERE ${asked}`;
  return {
    name: `clock-${event}`,
    text: text(CLOSE, 'true'),
    damaged: text(CLOSE_DAMAGED, ERASED_READABLE),
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
/** Deadlines stand on the hour: within an hour nothing more becomes due soon, so it is asked once an hour. */
const REMIND = {
  name: 'clock-remind',
  text: `WITH due AS (
      SELECT id FROM referral_open
      WHERE status IN ('requested', 'received') AND respond_by <= domain_now() + interval '24 hours' AND due_soon IS NULL
        AND date_trunc('hour', domain_now())::text IS DISTINCT FROM $2 LIMIT $1 FOR UPDATE SKIP LOCKED
    ), marked AS (UPDATE referral r SET due_soon = true FROM due WHERE r.open AND r.id = due.id RETURNING 1)
    SELECT count(*)::integer AS done, date_trunc('hour', domain_now())::text AS until FROM marked`,
};
/**
 * Nobody keeps content beyond the day that the person was told; locked, so that a renewal that has begun comes first. What
 * is due changes with the day, so it is asked once a day, and again where somebody held a row.
 */
const ERASE = eraseSql();

function eraseSql(): Statement {
  const text = (erase: string, asked: string): string => `WITH due AS MATERIALIZED (
      SELECT r.open, r.id FROM referral r
      WHERE r.keep_until < domain_today() AND r.erased_on IS NULL AND domain_today()::text IS DISTINCT FROM $2
      LIMIT $1
    ), past AS MATERIALIZED (
      SELECT r.open, r.id FROM referral r JOIN due ON due.open = r.open AND due.id = r.id
      WHERE r.keep_until < domain_today() FOR UPDATE OF r SKIP LOCKED
    ), marked AS (
      UPDATE referral r SET erased_on = domain_today(), redirect_to = NULL FROM past p WHERE r.open = p.open AND r.id = p.id
    ), ${erase}
    SELECT count(*)::integer AS done, CASE WHEN count(*) = (SELECT count(*) FROM due) THEN domain_today()::text END AS until
    FROM past WHERE ${asked}`;
  const whole = `wraps AS (DELETE FROM handoff_wrap w USING past p WHERE w.open = p.open AND w.referral = p.id),
    carried AS (DELETE FROM carried_over c USING past p WHERE c.open = p.open AND c.referral = p.id),
    bodies AS (DELETE FROM handoff h USING past p WHERE h.open = p.open AND h.referral = p.id)`;
  const readable = 'readable AS MATERIALIZED (SELECT erase_readable(p.id) FROM past p)';
  return { name: 'clock-erase', text: text(whole, 'true'), damaged: text(readable, ERASED_READABLE) };
}

/** Content on damaged pages, of referrals that are to have none: somebody may have mended them. */
const ERASE_DAMAGED = {
  name: 'clock-damaged',
  text: `SELECT 0 AS done, date_trunc('hour', domain_now())::text AS until,
      (SELECT count(*) FROM (SELECT erase_readable(d.referral) FROM damaged d
        WHERE date_trunc('hour', domain_now())::text IS DISTINCT FROM $2 LIMIT $1) AS tried) AS tried`,
};

interface Statement {
  /** In what is remembered of it. */
  readonly name: string;
  readonly text: string;
  /** What is run in its place where a page cannot be read. */
  readonly damaged?: string;
}

interface Done {
  readonly done: number;
  /** The hour or day for which all is done now. */
  readonly until?: string | null;
}

/** What time itself does to referrals. Idempotent; it may run on every replica at once. */
@Injectable()
export class Clock implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  /** Until when this process has done all that is due only once an hour or a day. */
  private readonly doneUntil = new Map<string, string | null>();

  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
    private readonly damage: Damage = new Damage(),
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.jobs.run('clock', () => this.tick()), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Does all that is due; what fails stops nothing else. */
  async tick(): Promise<void> {
    await everyInTurn([
      ...[CONSENT_EXPIRE, EXPIRE].map((statement) => () => this.expire(statement)),
      ...[REMIND, ERASE, ...RETENTION, ERASE_DAMAGED].map((statement) => () => this.exhaust(statement)),
    ]);
  }

  private async expire(statement: Statement): Promise<void> {
    while ((await this.run(statement, [])).done >= BATCH);
  }

  /** A statement that finds nothing more once its hour or day is done. */
  private async exhaust(statement: Statement): Promise<void> {
    let answer: Done;
    do answer = await this.run(statement, [this.doneUntil.get(statement.name) ?? null]);
    while (answer.done >= BATCH);
    this.doneUntil.set(statement.name, answer.until ?? null);
  }

  private async run(statement: Statement, values: unknown[]): Promise<Done> {
    const { rows } = await this.attempt(statement, [BATCH, ...values]);
    return rows[0] ?? { done: 0 };
  }

  /** Without a name: what takes a set is planned each time. */
  private async attempt({ text, damaged }: Statement, values: unknown[]): Promise<{ rows: Done[] }> {
    const { app } = this.database;
    return app.query<Done>({ text, values }).catch((error: unknown) => {
      this.damage.note(error);
      if (!isDamage(error) || damaged === undefined) throw error;
      return app.query<Done>({ text: damaged, values });
    });
  }
}
