import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { Database } from '../../../database/index.js';
import { ROLE } from '../../../protocol/envelope/envelope.js';
import {
  findTransition,
  isBusinessStatus,
  type Referral,
  type Transition,
} from '../../../protocol/referral/state-machine.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError, type ErrorCode } from '../../common/errors/index.js';
import { Idempotency, onceSql, type IdempotentCall, type OneStatement } from '../../common/http/index.js';
import { REFERRAL_COLUMNS } from '../common/referral.sql.js';
import type { TransitionDto } from './transition.dto.js';

/** The time that the charter in force gives for an answer of this priority. */
const RESPONSE_TIME = `(SELECT make_interval(hours => (c.text::jsonb #>> ARRAY['respondWithinHours', r.priority])::integer)
  FROM charter_version c WHERE c.valid_from <= domain_today() ORDER BY c.version DESC LIMIT 1)`;
/** No deadline lies beyond the last day on which content may exist. */
const LAST_HOUR = "(r.keep_until::timestamp AT TIME ZONE 'UTC')";

interface Note {
  /** Assignments to the row `r`; `$8` is the code, where the act has one. */
  readonly set: string;
  readonly where: string;
  /** CTEs beside the row. */
  readonly beside?: string;
}

/**
 * A pause is bounded: the deadline moves on by the time that the priority gives, and what was left runs on from the answer
 * or from then, so that no referral waits for ever for somebody who does not answer.
 */
const NOTES: Readonly<Record<string, Note>> = {
  'request-info': {
    set: `business_status = 'info-requested', pause_used = true, due_soon = NULL,
      paused_hours = CASE WHEN r.pause_used THEN NULL
        ELSE least(32767, greatest(0, ceil(extract(epoch FROM r.respond_by - domain_now()) / 3600)))::smallint END,
      respond_by = CASE WHEN r.pause_used THEN r.respond_by ELSE r.respond_by + ${RESPONSE_TIME} END`,
    where: "r.business_status IS DISTINCT FROM 'info-requested'",
  },
  'provide-info': {
    set: `business_status = NULL, paused_hours = NULL,
      respond_by = CASE WHEN r.paused_hours IS NULL THEN r.respond_by
        ELSE least(r.respond_by, date_trunc('hour', domain_now() + make_interval(hours => r.paused_hours + 1))) END`,
    where: "r.business_status = 'info-requested'",
  },
  'extend-deadline': {
    set: `respond_by = least(r.respond_by + ${RESPONSE_TIME}, ${LAST_HOUR}), due_soon = NULL`,
    where: `r.respond_by < ${LAST_HOUR}`,
  },
  reminder: {
    set: "reminded_at = date_trunc('hour', domain_now())",
    where: "(r.reminded_at IS NULL OR r.reminded_at <= domain_now() - interval '24 hours')",
  },
  'business-status': { set: 'business_status = $8', where: 'true' },
  release: {
    set: 'passed = true',
    where: "r.kind = 'transfer' AND r.passed IS NOT TRUE",
    beside: `, wraps AS (
      UPDATE handoff_wrap w SET wrap = NULL, hash = sha256(w.wrap) FROM acted a
      WHERE w.open AND w.referral = a.id AND w.role = ${ROLE.sender} AND w.wrap IS NOT NULL
    ), carried AS (
      DELETE FROM carried_over c USING acted a WHERE c.open AND c.referral = a.id AND c.role = ${ROLE.sender}
    ), said AS (
      UPDATE message m SET wraps[2] = ''::bytea FROM acted a WHERE m.referral = a.id
    )`,
  },
};

const STATEMENTS = new Map(
  Object.entries(NOTES).map(([event, note]) => [
    event,
    { act: noteSql(event, note), whySql: whySql(event, note) },
  ]),
);

/** Whose the act is, in which states, and what else it asks for; parameters from `first` on. */
function applies({ where }: Note, first: number): string {
  return `r.open AND r.status = ANY($${first + 1})
    AND CASE WHEN $${first + 3} THEN r.target ELSE r.source END = ANY($${first + 2}::uuid[]) AND ${where}`;
}

function whySql(event: string, note: Note): { name: string; text: string } {
  return {
    name: `note-${event}-why`,
    text: `SELECT CASE WHEN r.consent_state = 'withdrawn' THEN 'consent_inactive'
        WHEN NOT (${applies(note, 1)}) THEN 'wrong_state' END AS code
      FROM referral r WHERE r.id = $1 AND (r.source = ANY($3::uuid[]) OR r.target = ANY($3::uuid[]))`,
  };
}

/** One conditional update, and so one winner, as where the state changes. */
function noteSql(event: string, note: Note): OneStatement {
  const { set, beside = '' } = note;
  return onceSql(
    `note-${event}`,
    `acted AS (
      UPDATE referral r SET ${set} FROM free
      WHERE r.id = $4 AND ${applies(note, 4)}
      RETURNING r.*
    )${beside},
    answered AS (SELECT row_to_json(a)::text AS answer FROM (SELECT ${REFERRAL_COLUMNS} FROM acted r) AS a)`,
  );
}

/** Acts that leave the state as it is and say nothing in the log; the data file says who, and from where. */
@Injectable()
export class NoteAct {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
  ) {}

  async run(
    by: DevicePrincipal,
    call: IdempotentCall,
    referral: string,
    act: TransitionDto,
  ): Promise<Referral> {
    const transition = findTransition(act.event);
    const note = STATEMENTS.get(act.event);
    if (!transition || !note) throw new DomainError('input_invalid', { pointer: '/event' });
    requireCode(transition, act);
    const place = [referral, transition.from, by.services, transition.actor === 'target'];
    const values = transition.businessStatus ? [...place, act.businessStatus] : place;
    const why = () => this.why({ ...note.whySql, values: place });
    return this.idempotency.decide<Referral>(call, { act: note.act, values, why });
  }

  private async why(query: pg.QueryConfig): Promise<ErrorCode | undefined> {
    const { rows } = await this.database.app.query<{ code: ErrorCode | null }>(query);
    return rows[0] ? (rows[0].code ?? undefined) : 'not_found';
  }
}

function requireCode({ businessStatus }: Transition, act: TransitionDto): void {
  const { businessStatus: code, statusReason, outcome, reviewOn, redirectTo } = act;
  const isKnown = businessStatus ? code !== undefined && isBusinessStatus(code) : code === undefined;
  const saysMore = [statusReason, outcome, reviewOn, redirectTo].some((member) => member !== undefined);
  if (!isKnown || saysMore) throw new DomainError('reason_required');
}
