import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { named, prepared, sql } from '../../../database/index.js';
import { fromBase64url, newId, toBase64url } from '../../../protocol/encoding/bytes.js';
import { DAYS_BACK, addDays } from '../../../protocol/encoding/days.js';
import { Refused } from '../../../protocol/encoding/errors.js';
import { statementLeaf } from '../../../protocol/log/leaves.js';
import { extend, verifyChain, type Chain } from '../../../protocol/consent/statements.js';
import type { Registry } from '../../../protocol/registry/registry.js';
import type { ChainStatement } from '../../../protocol/schemas/statements.js';
import { hashText, readUnverified } from '../../../protocol/encoding/signed.js';
import type { Reader } from '../../common/access/index.js';
import { DomainError, placeOf, statementInvalid } from '../../common/errors/index.js';
import { callValues, type CallValues, type IdempotentCall } from '../../common/http/index.js';
import { appendStatementLeaf, LogService } from '../../log/index.js';
import { contextValues, type Context, type ContextValues } from './context.js';
import type { StatementDto } from './statement.dto.js';

/** The values of `APPEND_STATEMENT`. */
export interface AddedStatement {
  readonly jws: string;
  readonly opening: Uint8Array;
  readonly pending: string;
  readonly leaf: Uint8Array;
}

/** What a query is given that adds a statement to a chain, but for what is its own act's. */
export interface NextValues extends CallValues, ContextValues, AddedStatement {
  readonly kid: string;
  readonly referral: string;
  readonly services: readonly string[];
  /** The new statement's hash, its day, and the hash of the one before. */
  readonly head: Uint8Array;
  readonly day: string;
  readonly headBefore: Uint8Array;
}

const v = named<Pick<NextValues, keyof AddedStatement | 'referral' | 'kid'>>();

const FIND = prepared(
  'chain-find',
  sql`SELECT s.jws FROM statement s WHERE s.referral = ${v.referral} ORDER BY s.number`,
);
const KEY = prepared(
  'chain-key',
  sql`SELECT 1 FROM service_key WHERE kid = ${v.kid} AND revoked_index IS NULL FOR SHARE`,
);

/** CTEs that add one statement and its leaf to the chain of `acted`. */
export const APPEND_STATEMENT = sql`stated AS (
    INSERT INTO statement (open, referral, number, jws, opening, pending, ended_on)
    SELECT a.open, a.id, a.statements - 1, ${v.jws}, ${v.opening}, ${v.pending}, a.closed_on FROM acted a
  ), leaf AS (
    ${appendStatementLeaf(sql`${v.pending}::uuid, a.consent, (a.statements - 1)::integer, ${v.leaf}::bytea FROM acted a`)}
  )`;

export interface NextStatement {
  /** The chain before it. */
  readonly before: Chain;
  readonly chain: Chain;
  readonly kid: string;
  readonly text: string;
}

/** Who says which statement of which referral. */
export interface Said {
  readonly by: Reader;
  readonly referral: string;
  readonly statement: StatementDto;
}

/** Reads a consent's statements and verifies the next one against them. */
@Injectable()
export class ChainReader {
  constructor(private readonly log: LogService) {}

  /** The statements of a referral that the caller holds locked. */
  async statementsOf(tx: PoolClient, referral: string): Promise<string[]> {
    const { rows } = await tx.query<{ jws: string }>(FIND.with({ referral }));
    return rows.map((row) => row.jws);
  }

  /**
   * @throws DomainError chain_moved where it follows another head, statement_invalid where it does not hold
   */
  verifyNext(registry: Registry, earlier: readonly string[], { jws }: StatementDto): NextStatement {
    const before = verifyChain(this.log.identity.consent.name, earlier.filter(isNoWithdrawal), registry);
    const chain = this.extended(before, jws, registry);
    return { before, chain, kid: readUnverified(jws).header.kid, text: jws };
  }

  added(statement: StatementDto): AddedStatement {
    const { jws } = statement;
    const opening = fromBase64url(statement.opening);
    const leaf = statementLeaf(this.log.identity.consent.name, opening, jws);
    return { jws, opening, pending: newId(), leaf };
  }

  /** For the act that says `statement` of a referral; `next` is what `verifyNext` has made of it. */
  values(
    call: IdempotentCall,
    { by, referral, statement }: Said,
    { kid, text, chain, before }: NextStatement,
    context: Context,
  ): NextValues {
    return {
      ...callValues(call),
      ...contextValues(context),
      ...this.added(statement),
      ...{ kid, referral, services: by.services },
      head: hashText(text),
      day: chain.lastDay,
      headBefore: hashText(before.head),
    };
  }

  private extended(before: Chain, jws: string, registry: Registry): Chain {
    try {
      return extend(this.log.identity.consent.name, before, jws, registry);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const isStale = error.check === 'chain' && namesAnotherHead(before, jws);
      throw isStale ? new DomainError('chain_moved') : new DomainError('statement_invalid', placeOf(error));
    }
  }
}

/** Held until the commit: a key that is revoked meanwhile is revoked after this act. */
export async function requireLiveKey(tx: Pick<PoolClient, 'query'>, kid: string): Promise<void> {
  if (!(await isLiveKey(tx, kid))) throw new DomainError('key_not_current');
}

/** Whether a service's key is there and was not revoked. */
export async function isLiveKey(tx: Pick<PoolClient, 'query'>, kid: string): Promise<boolean> {
  return (await tx.query(KEY.with({ kid }))).rowCount === 1;
}

/**
 * The day is the device's claim: today, or a few days back. Where our clock was ahead and has been set right,
 * the chain may have a later day already: then that one, as no later statement may have an earlier one.
 */
export function requireDay({ before, chain, text }: NextStatement, today: string): void {
  const { lastDay } = chain;
  const latest = before.lastDay > today ? before.lastDay : today;
  if (lastDay > latest || lastDay < addDays(today, -DAYS_BACK)) throw statementInvalid(text, '/day');
}

/**
 * A statement of this very consent, its signature verified, that was made for an earlier head: to be signed
 * again.
 */
function namesAnotherHead({ given, head }: Chain, jws: string): boolean {
  const next = readUnverified(jws).payload as ChainStatement;
  const isOfConsent = next.consent === given.consent && next.referral === given.referral;
  return isOfConsent && next.kind !== 'consent.withdrawn' && next.prev !== toBase64url(hashText(head));
}

/** A second withdrawal is judged as the first was. */
function isNoWithdrawal(jws: string): boolean {
  return (readUnverified(jws).payload as { kind: string }).kind !== 'consent.withdrawn';
}
