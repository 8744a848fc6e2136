import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { hashText } from '../../protocol/signed.js';
import type { DevicePrincipal } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { APPEND_STATEMENT, ChainReader } from './chain.js';
import { REFERRAL_COLUMNS, type Referral } from './referral.js';
import type { StatementDto } from './send.dto.js';
import { findReferral } from './transition.js';

/** The disclosure: decided by state, head and day in one update, so that nothing is released after a withdrawal. */
const ACKNOWLEDGE = {
  name: 'referral-acknowledge',
  text: `WITH acted AS (
      UPDATE referral r SET status = 'received', consent_state = 'received', head_hash = $6, last_day = $7,
        statements = r.statements + 1
      WHERE r.open AND r.id = $1 AND r.status = 'requested' AND r.consent_state = 'released'
        AND r.head_hash = $8 AND r.target = ANY($9::uuid[]) AND r.send_until >= domain_today()
      RETURNING r.*
    ), ${APPEND_STATEMENT} SELECT ${REFERRAL_COLUMNS} FROM acted r`,
};

/** State and statements in one snapshot: of two acknowledgements at once the slower one finds another state, never half of it. */
const FIND = {
  name: 'acknowledge-find',
  text: `SELECT ${REFERRAL_COLUMNS},
      ARRAY(SELECT s.jws FROM statement s WHERE s.open = r.open AND s.referral = r.id ORDER BY s.number) AS statements
    FROM referral r WHERE r.id = $1 AND r.target = ANY($2::uuid[])`,
};

interface FoundReferral extends Referral {
  readonly statements: readonly string[];
}

/** Acknowledges a referral: signed by the receiving service and logged; the handoff can be opened from here on. */
@Injectable()
export class AcknowledgeAct {
  constructor(private readonly chains: ChainReader) {}

  async run(
    tx: PoolClient,
    by: DevicePrincipal,
    referral: string,
    statement: StatementDto,
  ): Promise<Referral> {
    const {
      rows: [found],
    } = await tx.query<FoundReferral>({ ...FIND, values: [referral, by.services] });
    if (!found) throw new DomainError('not_found');
    if (found.consentState === 'withdrawn') throw new DomainError('consent_inactive');
    if (found.status !== 'requested') throw new DomainError('wrong_state');
    const { before, chain, kid, text } = await this.chains.verifyNext(tx, found.statements, statement);
    if (chain.state !== 'received') throw new DomainError('statement_invalid');
    await this.chains.requireDay(tx, chain);
    await this.chains.requireLiveKey(tx, kid);
    const added = this.chains.added(statement);
    const values = [referral, ...added, hashText(text), chain.lastDay, hashText(before.head), by.services];
    const { rows } = await tx.query<Referral>({ ...ACKNOWLEDGE, values });
    return rows[0] ?? this.explain(tx, by, referral);
  }

  /** Somebody was faster, or the consent's last day for opening is past. */
  private async explain(tx: PoolClient, by: DevicePrincipal, referral: string): Promise<never> {
    const { status, consentState } = await findReferral(tx, by, referral);
    if (consentState === 'withdrawn') throw new DomainError('consent_inactive');
    throw new DomainError(status === 'requested' ? 'consent_inactive' : 'wrong_state');
  }
}
