import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql, whole, type Bound, type Sql } from '../../../database/index.js';
import { ROLE } from '../../../protocol/envelope/envelope.js';
import {
  findTransition,
  isBusinessStatus,
  type Referral,
  type Transition,
} from '../../../protocol/referral/state-machine.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError, type ErrorCode } from '../../common/errors/index.js';
import { callValues, Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import { ANSWERED } from '../common/referral.sql.js';
import type { TransitionDto } from './transition.dto.js';

/** The time that the charter in force gives for an answer of this priority. */
const RESPONSE_TIME = sql`(SELECT make_interval(hours => (c.text::jsonb #>> ARRAY['respondWithinHours', r.priority])::integer)
  FROM charter_version c WHERE c.valid_from <= domain_today() ORDER BY c.version DESC LIMIT 1)`;
/** No deadline lies beyond the last day on which content may exist. */
const LAST_HOUR = sql`(r.keep_until::timestamp AT TIME ZONE 'UTC')`;

interface NoteValues {
  readonly referral: string;
  readonly from: readonly string[];
  readonly services: readonly string[];
  readonly isTargets: boolean;
  readonly businessStatus: string | null;
}

const v = named<NoteValues>();

interface Note {
  /** Assignments to the row `r`. */
  readonly set: Sql<NoteValues>;
  readonly where: Sql;
  /** CTEs beside the row. */
  readonly beside?: Sql;
}

/**
 * A pause is bounded: the deadline moves on by the time that the priority gives, and what was left runs on
 * from the answer or from then, so that no referral waits for ever for somebody who does not answer.
 */
const NOTES: Readonly<Record<string, Note>> = {
  'request-info': {
    set: sql`business_status = 'info-requested', pause_used = true, due_soon = NULL,
      paused_hours = CASE WHEN r.pause_used THEN NULL
        ELSE least(32767, greatest(0, ceil(extract(epoch FROM r.respond_by - domain_now()) / 3600)))::smallint END,
      respond_by = CASE WHEN r.pause_used THEN r.respond_by ELSE r.respond_by + ${RESPONSE_TIME} END`,
    where: sql`r.business_status IS DISTINCT FROM 'info-requested'`,
  },
  'provide-info': {
    set: sql`business_status = NULL, paused_hours = NULL,
      respond_by = CASE WHEN r.paused_hours IS NULL THEN r.respond_by
        ELSE least(r.respond_by, date_trunc('hour', domain_now() + make_interval(hours => r.paused_hours + 1))) END`,
    where: sql`r.business_status = 'info-requested'`,
  },
  'extend-deadline': {
    set: sql`respond_by = least(r.respond_by + ${RESPONSE_TIME}, ${LAST_HOUR}), due_soon = NULL`,
    where: sql`r.respond_by < ${LAST_HOUR}`,
  },
  reminder: {
    set: sql`reminded_at = date_trunc('hour', domain_now())`,
    where: sql`(r.reminded_at IS NULL OR r.reminded_at <= domain_now() - interval '24 hours')`,
  },
  'business-status': { set: sql`business_status = ${v.businessStatus}`, where: sql`true` },
  release: {
    set: sql`passed = true`,
    where: sql`r.kind = 'transfer' AND r.passed IS NOT TRUE`,
    beside: sql`, wraps AS (
      UPDATE handoff_wrap w SET wrap = NULL, hash = sha256(w.wrap) FROM acted a
      WHERE w.open AND w.referral = a.id AND w.role = ${whole(ROLE.sender)} AND w.wrap IS NOT NULL
    ), carried AS (
      DELETE FROM carried_over c USING acted a WHERE c.open AND c.referral = a.id AND c.role = ${whole(ROLE.sender)}
    ), said AS (
      UPDATE message m SET wraps[2] = ''::bytea FROM acted a WHERE m.referral = a.id
    )`,
  },
};

const QUERIES = new Map(
  Object.entries(NOTES).map(([event, note]) => [
    event,
    {
      act: prepared(`note-${event}`, noteSql(note)),
      why: prepared(`note-${event}-why`, whySql(note)),
    },
  ]),
);

/** Whose the act is, in which states, and what else it asks for. */
function applies({ where }: Note) {
  return sql`r.open AND r.status = ANY(${v.from})
    AND CASE WHEN ${v.isTargets} THEN r.target ELSE r.source END = ANY(${v.services}::uuid[]) AND ${where}`;
}

function whySql(note: Note) {
  return sql`SELECT CASE WHEN r.consent_state = 'withdrawn' THEN 'consent_inactive'
      WHEN NOT (${applies(note)}) THEN 'wrong_state' END AS code
    FROM referral r
    WHERE r.id = ${v.referral} AND (r.source = ANY(${v.services}::uuid[]) OR r.target = ANY(${v.services}::uuid[]))`;
}

/** One conditional update, and so one winner, as where the state changes. */
function noteSql(note: Note) {
  const { set, beside = sql`` } = note;
  return onceSql(sql`acted AS (
      UPDATE referral r SET ${set} FROM free
      WHERE r.id = ${v.referral} AND ${applies(note)}
      RETURNING r.*
    )${beside},
    ${ANSWERED}`);
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
    const note = QUERIES.get(act.event);
    if (!transition || !note) throw new DomainError('input_invalid', { pointer: '/event' });
    requireCode(transition, act);
    const place = {
      ...{ referral, from: transition.from, services: by.services },
      isTargets: transition.actor === 'target',
    };
    const query = note.act.with({
      ...callValues(call),
      ...place,
      businessStatus: act.businessStatus ?? null,
    });
    return this.idempotency.decide<Referral>(call, query, () => this.why(note.why.with(place)));
  }

  private async why(query: Bound<`note-${string}-why`>): Promise<ErrorCode | undefined> {
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
