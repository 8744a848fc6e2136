import { Injectable } from '@nestjs/common';
import { addDays } from '../../../protocol/encoding/days.js';
import { findTransition, type Referral } from '../../../protocol/referral/state-machine.js';
import { readKidOf, type Reader } from '../../common/access/index.js';
import { DomainError, statementInvalid } from '../../common/errors/index.js';
import { Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import { appendStatement, ChainReader } from '../common/chain.js';
import { Contexts, CONTEXT_HOLDS, type Context } from '../common/context.js';
import { REFERRAL_COLUMNS } from '../common/referral.sql.js';
import type { StatementDto } from '../common/statement.dto.js';
import { SourceChain, type SourceStatement } from './source-chain.js';

/** Not once the last day is past: what was erased does not come back. A person's own key is in no registry. */
const RENEW = onceSql(
  'renew',
  `${CONTEXT_HOLDS}, key AS MATERIALIZED (
      SELECT FROM service_key WHERE kid = $7 AND revoked_index IS NULL FOR SHARE
    ), acted AS (
      UPDATE referral r SET keep_until = $13, head_hash = $10, last_day = $11, statements = r.statements + 1
      FROM holds
      WHERE r.open AND r.id = $8 AND (r.source = ANY($9::uuid[]) OR r.read_kid = $16) AND r.status = ANY($14) AND r.head_hash = $12
        AND r.consent_state IN ('released', 'received') AND r.keep_until >= domain_today()
        AND ($15 OR EXISTS (SELECT FROM key))
      RETURNING r.*
    ), ${appendStatement(17)},
    answered AS (SELECT row_to_json(a)::text AS answer FROM (SELECT ${REFERRAL_COLUMNS} FROM acted r) AS a)`,
);

/**
 * A later last day for the content, agreed with the person: `consent.renewed` by the sending service, or by the person's
 * own code, signed and logged. The charter bounds it from the day on which it is said.
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
    const values = [
      ...this.source.values(act, next, context),
      chain.keepUntil,
      act.from,
      isPersons,
      readKidOf(act.by),
    ];
    return this.idempotency.once<Referral>(call, RENEW, [...values, ...this.chains.added(act.statement)]);
  }
}
