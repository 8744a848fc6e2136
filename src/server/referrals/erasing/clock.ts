import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  Database,
  named,
  sql,
  unprepared,
  type Bound,
  type Query,
  type Sql,
} from '../../../database/index.js';
import { Damage, isDamage } from '../../common/damage.js';
import { everyInTurn } from '../../common/every.js';
import { Jobs } from '../../common/jobs.js';
import { CLOSE, CLOSE_DAMAGED, closing, ERASED_READABLE } from './close.sql.js';
import { RETENTION } from './retention.sql.js';

const EVERY_MS = 5_000;
const BATCH = 100;

const v = named<{ batch: number; doneUntil: string | null }>();

type Label = `clock-${string}` | `retention-${string}`;

/** A query, and what is run in its place where a page cannot be read. */
interface Work<V> {
  readonly whole: Query<V, Label>;
  readonly damaged?: Query<V, Label>;
}

/** Closes what is due, a batch at a time; rows that another process holds are its own. */
function expireSql<V>(reason: Sql, isDue: Sql, close: Sql<V>, asked: Sql) {
  return sql`WITH due AS (SELECT id FROM referral_open WHERE ${isDue} LIMIT ${v.batch} FOR UPDATE SKIP LOCKED), acted AS (
      UPDATE referral r SET status = 'cancelled', status_reason = ${reason}, business_status = NULL, ${closing()}
      FROM due WHERE r.open AND r.id = due.id
      RETURNING r.*, true AS was_open, true AS closes, true AS erases
    ), ${close} SELECT count(*)::integer AS done FROM acted WHERE ${asked}`;
}

function expire(event: string, reason: Sql, isDue: Sql): Work<{ batch: number }> {
  return {
    whole: unprepared(`clock-${event}`, expireSql(reason, isDue, CLOSE, sql`true`)),
    damaged: unprepared(`clock-${event}-damaged`, expireSql(reason, isDue, CLOSE_DAMAGED, ERASED_READABLE)),
  };
}

/** `consent-expire` and `expire` of the state machine, in that order: the person's own date comes first. */
const CONSENT_EXPIRE = expire(
  'consent-expire',
  sql`'consent-expired'`,
  sql`status = 'requested' AND send_until < domain_today()`,
);
const EXPIRE = expire(
  'expire',
  sql`'no-response'`,
  sql`status IN ('requested', 'received') AND respond_by < domain_now()`,
);
/** Deadlines stand on the hour: within an hour nothing more becomes due soon, so it is asked once an hour. */
const REMIND = {
  whole: unprepared(
    'clock-remind',
    sql`WITH due AS (
      SELECT id FROM referral_open
      WHERE status IN ('requested', 'received') AND respond_by <= domain_now() + interval '24 hours' AND due_soon IS NULL
        AND date_trunc('hour', domain_now())::text IS DISTINCT FROM ${v.doneUntil} LIMIT ${v.batch} FOR UPDATE SKIP LOCKED
    ), marked AS (UPDATE referral r SET due_soon = true FROM due WHERE r.open AND r.id = due.id RETURNING 1)
    SELECT count(*)::integer AS done, date_trunc('hour', domain_now())::text AS until FROM marked`,
  ),
};

function eraseSql(erase: Sql, asked: Sql) {
  return sql`WITH due AS MATERIALIZED (
      SELECT r.open, r.id FROM referral r
      WHERE r.keep_until < domain_today() AND r.erased_on IS NULL AND domain_today()::text IS DISTINCT FROM ${v.doneUntil}
      LIMIT ${v.batch}
    ), past AS MATERIALIZED (
      SELECT r.open, r.id FROM referral r JOIN due ON due.open = r.open AND due.id = r.id
      WHERE r.keep_until < domain_today() FOR UPDATE OF r SKIP LOCKED
    ), marked AS (
      UPDATE referral r SET erased_on = domain_today(), redirect_to = NULL FROM past p WHERE r.open = p.open AND r.id = p.id
    ), ${erase}
    SELECT count(*)::integer AS done, CASE WHEN count(*) = (SELECT count(*) FROM due) THEN domain_today()::text END AS until
    FROM past WHERE ${asked}`;
}

/**
 * Nobody keeps content beyond the day that the person was told; locked, so that a renewal that has begun
 * comes first. What is due changes with the day, so it is asked once a day, and again where somebody held a
 * row.
 */
const ERASE: Work<{ batch: number; doneUntil: string | null }> = {
  whole: unprepared(
    'clock-erase',
    eraseSql(
      sql`wraps AS (DELETE FROM handoff_wrap w USING past p WHERE w.open = p.open AND w.referral = p.id),
    carried AS (DELETE FROM carried_over c USING past p WHERE c.open = p.open AND c.referral = p.id),
    bodies AS (DELETE FROM handoff h USING past p WHERE h.open = p.open AND h.referral = p.id)`,
      sql`true`,
    ),
  ),
  damaged: unprepared(
    'clock-erase-damaged',
    eraseSql(sql`readable AS MATERIALIZED (SELECT erase_readable(p.id) FROM past p)`, ERASED_READABLE),
  ),
};

/** Content on damaged pages, of referrals that are to have none: somebody may have mended them. */
const ERASE_DAMAGED = {
  whole: unprepared(
    'clock-damaged',
    sql`SELECT 0 AS done, date_trunc('hour', domain_now())::text AS until,
      (SELECT count(*) FROM (SELECT erase_readable(d.referral) FROM damaged d
        WHERE date_trunc('hour', domain_now())::text IS DISTINCT
          FROM ${v.doneUntil} LIMIT ${v.batch}) AS tried) AS tried`,
  ),
};

interface Done {
  readonly done: number;
  /** The hour or day for which all is done now. */
  readonly until?: string | null;
  /** There so that what it counts is done. */
  readonly tried?: string;
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
      ...[CONSENT_EXPIRE, EXPIRE].map((work) => () => this.expire(work)),
      ...[REMIND, ERASE, ...RETENTION, ERASE_DAMAGED].map((work) => () => this.exhaust(work)),
    ]);
  }

  private async expire(work: Work<{ batch: number }>): Promise<void> {
    const batch = { batch: BATCH };
    while ((await this.run(work.whole.with(batch), work.damaged?.with(batch))).done >= BATCH);
  }

  /** A query that finds nothing more once its hour or day is done. */
  private async exhaust({
    whole,
    damaged,
  }: Work<{ batch: number; doneUntil: string | null }>): Promise<void> {
    const batch = { batch: BATCH, doneUntil: this.doneUntil.get(whole.label) ?? null };
    let answer: Done;
    do answer = await this.run(whole.with(batch), damaged?.with(batch));
    while (answer.done >= BATCH);
    this.doneUntil.set(whole.label, answer.until ?? null);
  }

  private async run(whole: Bound<Label>, damaged?: Bound<Label>): Promise<Done> {
    const { app } = this.database;
    const { rows } = await app.query<Done>(whole).catch((error: unknown) => {
      this.damage.note(error);
      if (!isDamage(error) || damaged === undefined) throw error;
      return app.query<Done>(damaged);
    });
    return rows[0] ?? { done: 0 };
  }
}
