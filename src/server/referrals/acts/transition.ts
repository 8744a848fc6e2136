import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { Database } from '../../../database/index.js';
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
import { Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import { CLOSE, closing } from '../erasing/close.sql.js';
import type { Referral } from '../../../protocol/referral/state-machine.js';
import { REFERRAL_COLUMNS } from '../common/referral.sql.js';
import type { TransitionDto } from './transition.dto.js';

/** Whether a review date lies ahead and every service that is proposed is one of the network, and neither of the two. */
function isComplete(reviewOn: string, redirectTo: string): string {
  return `(${reviewOn}::date IS NULL OR ${reviewOn}::date >= domain_today()) AND NOT EXISTS (
    SELECT FROM unnest(${redirectTo}::uuid[]) AS proposed WHERE proposed IN (r.source, r.target)
      OR NOT EXISTS (SELECT FROM service s WHERE s.id = proposed))`;
}

/** One conditional update decides every race: of many acts at once exactly one finds the state it needs. */
const ACT = onceSql(
  'act',
  `acted AS (
      UPDATE referral r SET status = $7, status_reason = $8, outcome = $9, review_on = $10,
        business_status = CASE WHEN $11 OR r.business_status = 'info-requested' THEN NULL ELSE r.business_status END,
        redirect_to = $14::uuid[], passed = CASE WHEN $15 THEN NULL ELSE r.passed END, ${closing('$11', '$12')}
      FROM free
      WHERE r.open AND r.id = $4 AND r.status = ANY($5)
        AND CASE WHEN $13 THEN r.target ELSE r.source END = ANY($6::uuid[])
        AND ${isComplete('$10', '$14')}
      RETURNING r.*, true AS was_open, $11::boolean AS closes, $12::boolean AS erases
    ), ${CLOSE},
    answered AS (SELECT row_to_json(a)::text AS answer FROM (SELECT ${REFERRAL_COLUMNS} FROM acted r) AS a)`,
);
const WHY = {
  name: 'act-why',
  text: `SELECT CASE WHEN r.consent_state = 'withdrawn' THEN 'consent_inactive'
      WHEN NOT (r.open AND r.status = ANY($2) AND CASE WHEN $4 THEN r.target ELSE r.source END = ANY($3::uuid[]))
        THEN 'wrong_state'
      WHEN NOT (${isComplete('$5', '$6')}) THEN 'reason_required' END AS code
    FROM referral r WHERE r.id = $1 AND (r.source = ANY($3::uuid[]) OR r.target = ANY($3::uuid[]))`,
};
const FIND = {
  name: 'referral-find',
  text: `SELECT ${REFERRAL_COLUMNS} FROM referral r
    WHERE r.id = $1 AND (r.source = ANY($2::uuid[]) OR r.target = ANY($2::uuid[]) OR r.read_kid = $3)`,
};

/** Acts that change the state and say nothing in the log; the data file says who, from where, and with which code. */
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
    const place = [referral, transition.from, by.services];
    const isTargets = transition.actor === 'target';
    const [reviewOn, redirectTo] = [act.reviewOn ?? null, act.redirectTo ?? null];
    const values = [
      ...place,
      transition.to,
      act.statusReason ?? transition.fixedReason ?? null,
      act.outcome ?? null,
      reviewOn,
      isTerminal(transition.to),
      ERASING_STATUSES.includes(transition.to),
      isTargets,
      redirectTo,
      transition.event === 'return',
    ];
    const why = () => this.why([...place, isTargets, reviewOn, redirectTo]);
    return this.idempotency.decide<Referral>(call, { act: ACT, values, why });
  }

  /** Not theirs to do, another state by now, a review date that is past, or a service that cannot be proposed. */
  private async why(values: unknown[]): Promise<ErrorCode | undefined> {
    const { rows } = await this.database.app.query<{ code: ErrorCode | null }>({ ...WHY, values });
    return rows[0] ? (rows[0].code ?? undefined) : 'not_found';
  }
}

/** A referral of one of the device's services, or the person's own. @throws DomainError not_found */
export async function findReferral(
  tx: Pick<PoolClient, 'query'>,
  by: Reader,
  referral: string,
): Promise<Referral> {
  const values = [referral, by.services, readKidOf(by)];
  const { rows } = await tx.query<Referral>({ ...FIND, values });
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
