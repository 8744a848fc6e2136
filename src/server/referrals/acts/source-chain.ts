import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql } from '../../../database/index.js';
import type { Referral } from '../../../protocol/referral/state-machine.js';
import type { Registry } from '../../../protocol/registry/registry.js';
import { readHeader } from '../../../protocol/encoding/signed.js';
import { readKidOf, type Reader } from '../../common/access/index.js';
import { DomainError, type ErrorCode } from '../../common/errors/index.js';
import { ChainReader, isLiveKey, requireDay, type NextStatement, type Said } from '../common/chain.js';
import type { Context } from '../common/context.js';
import { REFERRAL_COLUMNS } from '../common/referral.sql.js';

const v = named<{ referral: string; services: readonly string[]; readKid: string | null }>();

/** State and statements in one snapshot. */
const FIND = prepared(
  'source-find',
  sql`SELECT ${REFERRAL_COLUMNS}, r.keep_until < domain_today() AS past,
      ARRAY(SELECT s.jws FROM statement s WHERE s.open = r.open AND s.referral = r.id ORDER BY s.number) AS statements
    FROM referral r WHERE r.id = ${v.referral} AND (r.source = ANY(${v.services}::uuid[]) OR r.read_kid = ${v.readKid})`,
);

interface FoundReferral extends Referral {
  readonly statements: readonly string[];
  /** Its last day for content is over. */
  readonly past: boolean;
}

/**
 * A statement of the sending service, or of the person, over the consent's head: what `void` and
 * `renew-consent` have in common.
 */
export interface SourceStatement extends Said {
  /** States from which the act is taken. */
  readonly from: readonly string[];
}

@Injectable()
export class SourceChain {
  constructor(
    private readonly database: Database,
    private readonly chains: ChainReader,
  ) {}

  /** The statement verified against those before it. @throws DomainError */
  async next({ by, referral, statement, from }: SourceStatement, context: Context): Promise<NextStatement> {
    const found = await this.find(by, referral);
    const { statements } = found;
    const against = reasonOf(found, from);
    if (against !== undefined) throw new DomainError(against);
    const next = this.chains.verifyNext(context.registry, statements, statement);
    requireDay(next, context.today);
    return next;
  }

  /**
   * The consent, the state or the service's key no longer holds. A head that has moved on shows when it is
   * verified again.
   */
  async why(
    registry: Registry,
    { by, referral, statement, from }: SourceStatement,
  ): Promise<ErrorCode | undefined> {
    const found = await this.find(by, referral);
    const against = reasonOf(found, from);
    if (against !== undefined) return against;
    if (found.past) return 'consent_inactive';
    const { kid } = readHeader(statement.jws);
    const isPersons = !registry.serviceKeys.has(kid);
    return isPersons || (await isLiveKey(this.database.app, kid)) ? undefined : 'key_not_current';
  }

  private async find(by: Reader, referral: string): Promise<FoundReferral> {
    const { rows } = await this.database.app.query<FoundReferral>(
      FIND.with({ referral, services: by.services, readKid: readKidOf(by) }),
    );
    if (!rows[0]) throw new DomainError('not_found');
    return rows[0];
  }
}

function reasonOf({ status, consentState }: FoundReferral, from: readonly string[]): ErrorCode | undefined {
  if (consentState === 'withdrawn') return 'consent_inactive';
  return from.includes(status) ? undefined : 'wrong_state';
}
