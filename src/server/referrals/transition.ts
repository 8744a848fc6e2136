import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { Database } from '../../database/index.js';
import {
  ERASING_STATUSES,
  findTransition,
  isOthersReason,
  isReasonCode,
  isTerminal,
  type Transition,
} from '../../protocol/referral/state-machine.js';
import { readKidOf, type DevicePrincipal, type Reader } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { Idempotency, onceSql, type IdempotentCall } from '../common/http/index.js';
import { CLOSE, closing } from './close.sql.js';
import type { Referral } from '../../protocol/referral/state-machine.js';
import { REFERRAL_COLUMNS } from './referral.sql.js';
import type { TransitionDto } from './transition.dto.js';

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
        AND ($10::date IS NULL OR $10 >= domain_today())
        AND NOT EXISTS (
          SELECT FROM unnest($14::uuid[]) AS proposed WHERE proposed IN (r.source, r.target)
            OR NOT EXISTS (SELECT FROM service s WHERE s.id = proposed))
      RETURNING r.*, true AS was_open, $11::boolean AS closes, $12::boolean AS erases
    ), ${CLOSE},
    answered AS (SELECT row_to_json(a)::text AS answer FROM (SELECT ${REFERRAL_COLUMNS} FROM acted r) AS a)`,
);
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
    if (!transition?.to) throw new DomainError('input_invalid');
    requireCodes(transition, act);
    const answer = await this.idempotency.onceOrRecall<Referral>(call, ACT, [
      referral,
      transition.from,
      by.services,
      transition.to,
      act.statusReason ?? transition.fixedReason ?? null,
      act.outcome ?? null,
      act.reviewOn ?? null,
      isTerminal(transition.to),
      ERASING_STATUSES.includes(transition.to),
      transition.actor === 'target',
      act.redirectTo ?? null,
      transition.event === 'return',
    ]);
    return answer ?? this.explain(by, referral, act);
  }

  /** Nothing moved: not theirs, another state by now, a review date that is past, or a service that cannot be proposed. */
  private async explain(
    by: DevicePrincipal,
    referral: string,
    { event, reviewOn, redirectTo }: TransitionDto,
  ): Promise<never> {
    const { status, target, consentState } = await findReferral(this.database.app, by, referral);
    if (consentState === 'withdrawn') throw new DomainError('consent_inactive');
    const isTheirs = by.services.includes(target) && findTransition(event)?.from.includes(status) === true;
    const saysMore = reviewOn !== undefined || redirectTo !== undefined;
    throw new DomainError(isTheirs && saysMore ? 'reason_required' : 'wrong_state');
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
