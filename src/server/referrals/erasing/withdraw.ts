import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { named, prepared, sql, type Sql } from '../../../database/index.js';
import { isId } from '../../../protocol/encoding/bytes.js';
import type { ConsentWithdrawn } from '../../../protocol/schemas/statements.js';
import { readUnverified, requirePayload } from '../../../protocol/encoding/signed.js';
import { Refused } from '../../../protocol/encoding/errors.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { Damage, isDamage } from '../../common/damage.js';
import { DomainError, statementInvalid } from '../../common/errors/index.js';
import { RegistryService } from '../../organisations/index.js';
import {
  APPEND_STATEMENT,
  ChainReader,
  requireDay,
  requireLiveKey,
  type AddedStatement,
} from '../common/chain.js';
import { CLOSE, CLOSE_DAMAGED, closing, ERASED_READABLE } from './close.sql.js';
import type { Referral } from '../../../protocol/referral/state-machine.js';
import { REFERRAL_COLUMNS } from '../common/referral.sql.js';
import type { StatementDto } from '../common/statement.dto.js';

interface WithdrawValues extends AddedStatement {
  readonly referral: string;
  readonly open: boolean;
  readonly day: string;
}

const v = named<WithdrawValues & { consent: string }>();

/**
 * Locked before anything is judged: whatever else happens to this consent happens before or after, never
 * during.
 */
const LOCK = prepared(
  'withdraw-lock',
  sql`SELECT ${REFERRAL_COLUMNS}, r.open FROM referral r WHERE r.consent = ${v.consent} FOR UPDATE`,
);
const WITHDRAW = prepared('withdraw', withdrawSql(CLOSE, sql`true`));
/**
 * Nobody is refused for a bit of a disk: the person's word is taken, though what it erases cannot be read any
 * more.
 */
const WITHDRAW_DAMAGED = prepared('withdraw-damaged', withdrawSql(CLOSE_DAMAGED, ERASED_READABLE));

function withdrawSql(close: Sql, asked: Sql) {
  return sql`WITH acted AS (
      UPDATE referral r SET consent_state = 'withdrawn', statements = r.statements + 1, last_day = ${v.day},
        status = CASE WHEN ${v.open} THEN 'cancelled' ELSE r.status END,
        status_reason = CASE WHEN ${v.open} THEN 'consent-withdrawn' ELSE r.status_reason END,
        business_status = NULL, redirect_to = NULL, ${closing()}
      WHERE r.open = ${v.open} AND r.id = ${v.referral}
      RETURNING r.*, ${v.open}::boolean AS was_open, true AS closes, true AS erases
    ), ${close}, ${APPEND_STATEMENT} SELECT ${REFERRAL_COLUMNS} FROM acted r WHERE ${asked}`;
}

interface LockedReferral extends Referral {
  readonly open: boolean;
}

/**
 * The person's word is final: withdrawing succeeds whatever state the referral is in, as often as it is said.
 * Content is gone from the database in the same transaction; the statement is logged; after a closed state
 * the state stays.
 */
@Injectable()
export class WithdrawAct {
  constructor(
    private readonly chains: ChainReader,
    private readonly registry: RegistryService,
    private readonly damage: Damage,
  ) {}

  /** By the person: the statement's signature by the code's key is proof enough, no token is asked for. */
  async byPerson(tx: PoolClient, statement: StatementDto): Promise<Referral> {
    return this.run(tx, statement, ({ by }) => by === 'person');
  }

  /** By a service on the person's word: it says so, in the statement. */
  async onWord(
    tx: PoolClient,
    device: DevicePrincipal,
    referral: string,
    statement: StatementDto,
  ): Promise<Referral> {
    return this.run(tx, statement, ({ by }, found) => {
      const service = by === 'source' ? found.source : found.target;
      return by !== 'person' && found.referral === referral && device.services.includes(service);
    });
  }

  private async run(
    tx: PoolClient,
    statement: StatementDto,
    isEntitled: (withdrawn: ConsentWithdrawn, found: Referral) => boolean,
  ): Promise<Referral> {
    const withdrawn = readWithdrawal(statement.jws);
    const found = await this.lock(tx, withdrawn.consent);
    if (!isEntitled(withdrawn, found)) throw new DomainError('not_found');
    const earlier = await this.chains.statementsOf(tx, found.referral);
    const registry = await this.registry.current(tx);
    const next = this.chains.verifyNext(registry, earlier, statement);
    const { chain, kid } = next;
    // said again, it is what was said before: neither its day nor what became of its key matters any more
    if (found.consentState === 'withdrawn') return found;
    requireDay(next, await this.registry.today(tx));
    if (withdrawn.by !== 'person') await requireLiveKey(tx, kid);
    const { referral, open } = found;
    return this.erase(tx, { ...this.chains.added(statement), referral, open, day: chain.lastDay });
  }

  private async erase(tx: PoolClient, values: WithdrawValues): Promise<Referral> {
    await tx.query('SAVEPOINT whole');
    const { rows } = await tx.query<Referral>(WITHDRAW.with(values)).catch(async (error: unknown) => {
      this.damage.note(error);
      if (!isDamage(error)) throw error;
      await tx.query('ROLLBACK TO whole');
      return tx.query<Referral>(WITHDRAW_DAMAGED.with(values));
    });
    if (!rows[0]) throw new Error('a locked referral was not there');
    return rows[0];
  }

  /** Unknown and foreign consents are answered alike. */
  private async lock(tx: PoolClient, consent: string): Promise<LockedReferral> {
    const { rows } = await tx.query<LockedReferral>(LOCK.with({ consent }));
    if (!rows[0]) throw new DomainError('not_found');
    return rows[0];
  }
}

/** What the statement says, before its signature is verified: only to find whose it is. */
function readWithdrawal(jws: string): ConsentWithdrawn {
  try {
    const payload = requirePayload('consent-statement+jws', readUnverified(jws).payload);
    if (payload.kind === 'consent.withdrawn' && isId(payload.consent)) return payload;
  } catch (error) {
    if (error instanceof Refused) throw statementInvalid(jws, error.pointer);
    throw error;
  }
  throw statementInvalid(jws, '/kind');
}
