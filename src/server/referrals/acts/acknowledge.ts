import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql } from '../../../database/index.js';
import { readHeader } from '../../../protocol/encoding/signed.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError, statementInvalid, type ErrorCode } from '../../common/errors/index.js';
import { Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import { APPEND_STATEMENT, ChainReader, isLiveKey, requireDay, type NextValues } from '../common/chain.js';
import { Contexts, CONTEXT_HOLDS, type Context } from '../common/context.js';
import type { Referral } from '../../../protocol/referral/state-machine.js';
import { ANSWERED, REFERRAL_COLUMNS } from '../common/referral.sql.js';
import type { StatementDto } from '../common/statement.dto.js';

const v = named<NextValues>();

/**
 * State and statements in one snapshot: of two acknowledgements at once the slower one finds another state,
 * never half of it.
 */
const FIND = prepared(
  'acknowledge-find',
  sql`SELECT ${REFERRAL_COLUMNS}, r.send_until < domain_today() AS late,
      ARRAY(SELECT s.jws FROM statement s WHERE s.open = r.open AND s.referral = r.id ORDER BY s.number) AS statements
    FROM referral r WHERE r.id = ${v.referral} AND r.target = ANY(${v.services}::uuid[])`,
);

interface FoundReferral extends Referral {
  readonly statements: readonly string[];
  /** The consent's last day for opening is past. */
  readonly late: boolean;
}

/**
 * The disclosure: decided by state, head and day in one update, so that nothing is released after a
 * withdrawal.
 */
const ACKNOWLEDGE = prepared(
  'acknowledge',
  onceSql(sql`${CONTEXT_HOLDS}, key AS MATERIALIZED (
      SELECT FROM service_key WHERE kid = ${v.kid} AND revoked_index IS NULL FOR SHARE
    ), acted AS (
      UPDATE referral r SET status = 'received', consent_state = 'received', head_hash = ${v.head}, last_day = ${v.day},
        statements = r.statements + 1
      FROM holds, key
      WHERE r.open AND r.id = ${v.referral} AND r.status = 'requested' AND r.consent_state = 'released'
        AND r.head_hash = ${v.headBefore} AND r.target = ANY(${v.services}::uuid[]) AND r.send_until >= domain_today()
      RETURNING r.*
    ), ${APPEND_STATEMENT},
    ${ANSWERED}`),
);

/**
 * Acknowledges a referral: signed by the receiving service and logged; the handoff can be opened from here
 * on.
 */
@Injectable()
export class AcknowledgeAct {
  constructor(
    private readonly database: Database,
    private readonly contexts: Contexts,
    private readonly idempotency: Idempotency,
    private readonly chains: ChainReader,
  ) {}

  async run(
    by: DevicePrincipal,
    call: IdempotentCall,
    referral: string,
    statement: StatementDto,
  ): Promise<Referral> {
    return this.contexts.judge(
      call,
      (context) => this.attempt(by, call, { referral, statement }, context),
      () => this.why(by, referral, statement),
    );
  }

  private async attempt(
    by: DevicePrincipal,
    call: IdempotentCall,
    { referral, statement }: { readonly referral: string; readonly statement: StatementDto },
    context: Context,
  ): Promise<Referral | undefined> {
    const { statements } = await this.find(by, referral);
    const next = this.chains.verifyNext(context.registry, statements, statement);
    if (next.chain.state !== 'received') throw statementInvalid(next.text, '/kind');
    requireDay(next, context.today);
    const act = ACKNOWLEDGE.with(this.chains.values(call, { by, referral, statement }, next, context));
    return this.idempotency.once<Referral>(call, act);
  }

  private async find(by: DevicePrincipal, referral: string): Promise<FoundReferral> {
    const { rows } = await this.database.app.query<FoundReferral>(
      FIND.with({ referral, services: by.services }),
    );
    if (!rows[0]) throw new DomainError('not_found');
    if (rows[0].consentState === 'withdrawn') throw new DomainError('consent_inactive');
    if (rows[0].status !== 'requested') throw new DomainError('wrong_state');
    return rows[0];
  }

  /** The consent was withdrawn or its last day for opening is past, another state, or a revoked key. */
  private async why(
    by: DevicePrincipal,
    referral: string,
    { jws }: StatementDto,
  ): Promise<ErrorCode | undefined> {
    const { late } = await this.find(by, referral);
    if (!(await isLiveKey(this.database.app, readHeader(jws).kid))) return 'key_not_current';
    return late ? 'consent_inactive' : undefined;
  }
}
