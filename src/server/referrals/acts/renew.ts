import { Injectable } from '@nestjs/common';
import { named, prepared, sql } from '../../../database/index.js';
import { addDays } from '../../../protocol/encoding/days.js';
import { findTransition, type Referral } from '../../../protocol/referral/state-machine.js';
import { readKidOf, type Reader } from '../../common/access/index.js';
import { DomainError, statementInvalid } from '../../common/errors/index.js';
import { Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import { APPEND_STATEMENT, ChainReader, type NextValues } from '../common/chain.js';
import { Contexts, CONTEXT_HOLDS, type Context } from '../common/context.js';
import { ANSWERED } from '../common/referral.sql.js';
import type { StatementDto } from '../common/statement.dto.js';
import { SourceChain, type SourceStatement } from './source-chain.js';

const v = named<
  NextValues & {
    keepUntil: string;
    from: readonly string[];
    isPersons: boolean;
    readKid: string | null;
  }
>();

/**
 * Not once the last day is past: what was erased does not come back. A person's own key is in no registry.
 */
const RENEW = prepared(
  'renew',
  onceSql(sql`${CONTEXT_HOLDS}, key AS MATERIALIZED (
      SELECT FROM service_key WHERE kid = ${v.kid} AND revoked_index IS NULL FOR SHARE
    ), acted AS (
      UPDATE referral r SET keep_until = ${v.keepUntil}, head_hash = ${v.head}, last_day = ${v.day},
        statements = r.statements + 1
      FROM holds
      WHERE r.open AND r.id = ${v.referral} AND (r.source = ANY(${v.services}::uuid[]) OR r.read_kid = ${v.readKid})
        AND r.status = ANY(${v.from}) AND r.head_hash = ${v.headBefore}
        AND r.consent_state IN ('released', 'received') AND r.keep_until >= domain_today()
        AND (${v.isPersons} OR EXISTS (SELECT FROM key))
      RETURNING r.*
    ), ${APPEND_STATEMENT},
    ${ANSWERED}`),
);

/**
 * A later last day for the content, agreed with the person: `consent.renewed` by the sending service, or by
 * the person's own code, signed and logged. The charter bounds it from the day on which it is said.
 */
@Injectable()
export class RenewAct {
  constructor(
    private readonly contexts: Contexts,
    private readonly idempotency: Idempotency,
    private readonly source: SourceChain,
    private readonly chains: ChainReader,
  ) {}

  async run(by: Reader, call: IdempotentCall, referral: string, statement: StatementDto): Promise<Referral> {
    const act = { by, referral, statement, from: findTransition('renew-consent')?.from ?? [] };
    return this.contexts.judge(
      call,
      (context) => this.attempt(call, act, context),
      ({ registry }) => this.source.why(registry, act),
    );
  }

  private async attempt(
    call: IdempotentCall,
    act: SourceStatement,
    context: Context,
  ): Promise<Referral | undefined> {
    const next = await this.source.next(act, context);
    const { before, chain, kid } = next;
    if (chain.keepUntil === before.keepUntil) throw statementInvalid(next.text, '/kind');
    const { max } = context.charter.limits.keepUntilDays;
    if (chain.keepUntil > addDays(chain.lastDay, max)) throw new DomainError('consent_mismatch');
    const isPersons = !context.registry.serviceKeys.has(kid);
    const { from, by } = act;
    const values = { keepUntil: chain.keepUntil, from, isPersons, readKid: readKidOf(by) };
    const query = RENEW.with({ ...this.chains.values(call, act, next, context), ...values });
    return this.idempotency.once<Referral>(call, query);
  }
}
