import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { Database, named, prepared, sql, type Bound } from '../../../database/index.js';
import {
  ERASING_STATUSES,
  findTransition,
  isOthersReason,
  isReasonCode,
  isTerminal,
  type Transition,
} from '../../../protocol/referral/state-machine.js';
import { readKidOf, type DevicePrincipal, type Reader } from '../../common/access/index.js';
import { DomainError, type ErrorCode } from '../../common/errors/index.js';
import { callValues, Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import { CLOSE, closing } from '../erasing/close.sql.js';
import type { Referral } from '../../../protocol/referral/state-machine.js';
import { ANSWERED, REFERRAL_COLUMNS } from '../common/referral.sql.js';
import type { TransitionDto } from './transition.dto.js';

const v = named<{
  referral: string;
  from: readonly string[];
  services: readonly string[];
  to: string;
  statusReason: string | null;
  outcome: string | null;
  reviewOn: string | null;
  closes: boolean;
  erases: boolean;
  isTargets: boolean;
  redirectTo: readonly string[] | null;
  isReturn: boolean;
  readKid: string | null;
}>();

/**
 * Whether a review date lies ahead and every service that is proposed is one of the network, and neither of
 * the two.
 */
const IS_COMPLETE = sql`(${v.reviewOn}::date IS NULL OR ${v.reviewOn}::date >= domain_today()) AND NOT EXISTS (
    SELECT FROM unnest(${v.redirectTo}::uuid[]) AS proposed WHERE proposed IN (r.source, r.target)
      OR NOT EXISTS (SELECT FROM service s WHERE s.id = proposed))`;

/** One conditional update decides every race: of many acts at once exactly one finds the state it needs. */
const ACT = prepared(
  'act',
  onceSql(sql`acted AS (
      UPDATE referral r SET status = ${v.to}, status_reason = ${v.statusReason},
        outcome = ${v.outcome}, review_on = ${v.reviewOn},
        business_status = CASE WHEN ${v.closes} OR r.business_status = 'info-requested' THEN NULL
          ELSE r.business_status END,
        redirect_to = ${v.redirectTo}::uuid[], passed = CASE WHEN ${v.isReturn} THEN NULL ELSE r.passed END,
        ${closing(v.closes, v.erases)}
      FROM free
      WHERE r.open AND r.id = ${v.referral} AND r.status = ANY(${v.from})
        AND CASE WHEN ${v.isTargets} THEN r.target ELSE r.source END = ANY(${v.services}::uuid[])
        AND ${IS_COMPLETE}
      RETURNING r.*, true AS was_open, ${v.closes}::boolean AS closes, ${v.erases}::boolean AS erases
    ), ${CLOSE},
    ${ANSWERED}`),
);
const WHY = prepared(
  'act-why',
  sql`SELECT CASE WHEN r.consent_state = 'withdrawn' THEN 'consent_inactive'
      WHEN NOT (r.open AND r.status = ANY(${v.from}) AND CASE WHEN ${v.isTargets} THEN r.target ELSE r.source END = ANY(${v.services}::uuid[]))
        THEN 'wrong_state'
      WHEN NOT (${IS_COMPLETE}) THEN 'reason_required' END AS code
    FROM referral r WHERE r.id = ${v.referral}
      AND (r.source = ANY(${v.services}::uuid[]) OR r.target = ANY(${v.services}::uuid[]))`,
);
const FIND = prepared(
  'referral-find',
  sql`SELECT ${REFERRAL_COLUMNS} FROM referral r
    WHERE r.id = ${v.referral}
      AND (r.source = ANY(${v.services}::uuid[]) OR r.target = ANY(${v.services}::uuid[]) OR r.read_kid = ${v.readKid})`,
);

/**
 * Acts that change the state and say nothing in the log; the data file says who, from where, and with which
 * code.
 */
@Injectable()
export class TransitionAct {
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
    if (!transition?.to) throw new DomainError('input_invalid', { pointer: '/event' });
    requireCodes(transition, act);
    const place = {
      ...{ referral, from: transition.from, services: by.services },
      isTargets: transition.actor === 'target',
      reviewOn: act.reviewOn ?? null,
      redirectTo: act.redirectTo ?? null,
    };
    const query = ACT.with({
      ...callValues(call),
      ...place,
      to: transition.to,
      statusReason: act.statusReason ?? transition.fixedReason ?? null,
      outcome: act.outcome ?? null,
      closes: isTerminal(transition.to),
      erases: ERASING_STATUSES.includes(transition.to),
      isReturn: transition.event === 'return',
    });
    return this.idempotency.decide<Referral>(call, query, () => this.why(WHY.with(place)));
  }

  /**
   * Not theirs to do, another state by now, a review date that is past, or a service that cannot be proposed.
   */
  private async why(query: Bound<'act-why'>): Promise<ErrorCode | undefined> {
    const { rows } = await this.database.app.query<{ code: ErrorCode | null }>(query);
    return rows[0] ? (rows[0].code ?? undefined) : 'not_found';
  }
}

/** A referral of one of the device's services, or the person's own. @throws DomainError not_found */
export async function findReferral(
  tx: Pick<PoolClient, 'query'>,
  by: Reader,
  referral: string,
): Promise<Referral> {
  const { rows } = await tx.query<Referral>(
    FIND.with({ referral, services: by.services, readKid: readKidOf(by) }),
  );
  if (!rows[0]) throw new DomainError('not_found');
  return rows[0];
}

/** The coded reason or outcome that the event needs, and none that it does not. */
function requireCodes({ reason, outcome, actor }: Transition, act: TransitionDto): void {
  if (act.statusReason !== undefined && isOthersReason(act.statusReason, actor)) {
    throw new DomainError('reason_required');
  }
  requireCode(reason, act.statusReason);
  requireCode(outcome, act.outcome);
  requireTogether(act.event === 'hold', act.reviewOn);
  requireTogether(act.statusReason === 'redirect-proposed', act.redirectTo);
  requireTogether(false, act.businessStatus);
}

/** A member that stands exactly where the act needs it. */
function requireTogether(isNeeded: boolean, member: unknown): void {
  if (isNeeded !== (member !== undefined)) throw new DomainError('reason_required');
}

function requireCode(list: Transition['reason'], code: string | undefined): void {
  if (list === undefined ? code !== undefined : code === undefined || !isReasonCode(list, code)) {
    throw new DomainError('reason_required');
  }
}
