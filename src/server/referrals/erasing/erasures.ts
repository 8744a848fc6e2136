import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { fromBase64url, newId } from '../../../protocol/encoding/bytes.js';
import { DAYS_BACK, addDays } from '../../../protocol/encoding/days.js';
import { Refused } from '../../../protocol/encoding/errors.js';
import { statementLeaf } from '../../../protocol/log/leaves.js';
import type { Registry } from '../../../protocol/registry/registry.js';
import type { ErasureDone } from '../../../protocol/schemas/statements.js';
import { readHeader, verifySigned } from '../../../protocol/encoding/signed.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError, statementInvalid, type ErrorCode } from '../../common/errors/index.js';
import { Cursors, Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import { appendStatementLeaf, LogService } from '../../log/index.js';
import { isLiveKey } from '../common/chain.js';
import { Contexts, CONTEXT_HOLDS, contextValues, type Context } from '../common/context.js';
import type {
  DueErasureAnswer,
  DueErasuresAnswer,
  ErasureAnswer,
  ErasureDto,
  ErasuresQuery,
} from './erasures.dto.js';

/** Each side from the index that holds exactly what it still has to say; all of a referral's leaves have their place. */
const DUE = {
  text: `SELECT due.id AS referral, places.leaves FROM (
      SELECT r.id FROM referral_closed r WHERE r.target = $1 AND r.erased_on IS NOT NULL AND r.target_erased IS NULL
      UNION
      SELECT r.id FROM referral_closed r WHERE r.source = $1 AND r.erased_on IS NOT NULL AND r.source_erased IS NULL
    ) AS due, LATERAL (
      SELECT json_agg(json_build_array(l.year, p.index) ORDER BY l.year, p.index) AS leaves, bool_and(p.index IS NOT NULL) AS sure
      FROM statement_closed s LEFT JOIN log_position p ON p.pending = s.pending LEFT JOIN log l ON l.id = p.log
      WHERE s.referral = due.id
    ) AS places WHERE places.sure AND ($2::uuid IS NULL OR due.id > $2) ORDER BY due.id LIMIT $3`,
};
/** Closed referrals whose content is erased and of which the service has not said so. */
function isDue(referrals: string, service: string): string {
  return `r.id = ANY(${referrals}::uuid[]) AND r.erased_on IS NOT NULL
    AND (r.target = ${service} AND r.target_erased IS NULL OR r.source = ${service} AND r.source_erased IS NULL)`;
}

/** CTEs after `due`; `gate` has a row where every named referral is due and the leaves are exactly theirs. */
function gateOf(referrals: string, years: string, indexes: string): string {
  return `place AS MATERIALIZED (
      SELECT l.year, p.index FROM due JOIN statement_closed s ON s.referral = due.id
        LEFT JOIN log_position p ON p.pending = s.pending LEFT JOIN log l ON l.id = p.log
    ), gate AS MATERIALIZED (
      SELECT WHERE (SELECT count(*) FROM due) = cardinality(${referrals}::uuid[])
        AND (SELECT count(*) FROM place) = cardinality(${indexes}::bigint[])
        AND (SELECT bool_and((year, index) IN (SELECT * FROM unnest(${years}::integer[], ${indexes}::bigint[]))) FROM place)
    )`;
}

/** All or nothing: every named referral is due, and the leaves are exactly theirs. */
const DONE = onceSql(
  null,
  `${CONTEXT_HOLDS}, key AS MATERIALIZED (
      SELECT FROM service_key WHERE kid = $7 AND revoked_index IS NULL FOR SHARE
    ), due AS MATERIALIZED (
      SELECT r.id FROM referral_closed r, holds, key WHERE ${isDue('$9', '$8')} FOR UPDATE OF r
    ), ${gateOf('$9', '$10', '$11')}, acted AS (
      UPDATE referral r SET source_erased = CASE WHEN r.source = $8 THEN true ELSE r.source_erased END,
        target_erased = CASE WHEN r.target = $8 THEN true ELSE r.target_erased END
      FROM gate, due WHERE NOT r.open AND r.id = due.id
    ), stated AS (
      INSERT INTO erasure (pending, service, day, jws, opening) SELECT $15::uuid, $8::uuid, $12::date, $13, $14::bytea FROM gate
    ), leaf AS (
      ${appendStatementLeaf({ id: '$15::uuid', tag: '$15::uuid', number: '0', leaf: '$16::bytea', from: 'gate' })}
    ), answered AS (SELECT json_build_object('erased', $9::uuid[])::text AS answer FROM gate)`,
);
const WHY = {
  name: 'erasure-why',
  text: `WITH due AS MATERIALIZED (SELECT r.id FROM referral_closed r WHERE ${isDue('$1', '$2')}), ${gateOf('$1', '$3', '$4')}
    SELECT CASE WHEN cardinality($1::uuid[]) <>
        (SELECT count(*) FROM referral r WHERE r.id = ANY($1::uuid[]) AND $2 IN (r.source, r.target)) THEN 'not_found'
      WHEN NOT EXISTS (SELECT FROM gate) THEN 'wrong_state' END AS code`,
};

/** The list of what is to be erased, and each service's signed word that it was. */
@Injectable()
export class Erasures {
  constructor(
    private readonly database: Database,
    private readonly contexts: Contexts,
    private readonly idempotency: Idempotency,
    private readonly log: LogService,
    private readonly cursors: Cursors,
  ) {}

  async due(by: DevicePrincipal, { service, ...page }: ErasuresQuery): Promise<DueErasuresAnswer> {
    if (!by.services.includes(service)) return { items: [] };
    return this.cursors.page([by.device, 'erasures', service], page, {
      read: ([after = null], limit) => this.list([service, after, limit]),
      place: ({ referral }) => [referral],
    });
  }

  async done(by: DevicePrincipal, call: IdempotentCall, body: ErasureDto): Promise<ErasureAnswer> {
    return this.contexts.judge(
      call,
      (context) => this.attempt(by, call, body, context),
      (context) => this.why(by, body, context),
    );
  }

  private async list(values: readonly unknown[]): Promise<DueErasureAnswer[]> {
    return (await this.database.app.query<DueErasureAnswer>({ ...DUE, values: [...values] })).rows;
  }

  private async attempt(
    by: DevicePrincipal,
    call: IdempotentCall,
    body: ErasureDto,
    context: Context,
  ): Promise<ErasureAnswer | undefined> {
    const { service, day, leaves } = this.verify(by, body, context);
    const { jws, opening } = body.statement;
    const openingBytes = fromBase64url(opening);
    return this.idempotency.once<ErasureAnswer>(call, DONE, [
      ...contextValues(context),
      readHeader(jws).kid,
      service,
      body.referrals,
      leaves.map(([year]) => year),
      leaves.map(([, index]) => index),
      day,
      jws,
      openingBytes,
      newId(),
      statementLeaf(this.log.identity.consent.name, openingBytes, jws),
    ]);
  }

  /** The service's own word, of these days. @throws DomainError */
  private verify(by: DevicePrincipal, { statement }: ErasureDto, { registry, today }: Context): ErasureDone {
    const said = verifyErasure(statement.jws, registry);
    if (!by.services.includes(said.service)) throw new DomainError('not_found');
    const isOfLog = said.log === this.log.identity.consent.name;
    const isRecent = said.day <= today && said.day >= addDays(today, -DAYS_BACK);
    if (!isOfLog) throw statementInvalid(statement.jws, '/log');
    if (!isRecent) throw statementInvalid(statement.jws, '/day');
    return said;
  }

  private async why(by: DevicePrincipal, body: ErasureDto, context: Context): Promise<ErrorCode | undefined> {
    const { service, leaves } = this.verify(by, body, context);
    const [years, indexes] = [leaves.map(([year]) => year), leaves.map(([, index]) => index)];
    const values = [body.referrals, service, years, indexes];
    const { rows } = await this.database.app.query<{ code: ErrorCode | null }>({ ...WHY, values });
    if (rows[0]?.code === 'not_found') return 'not_found';
    const isLive = await isLiveKey(this.database.app, readHeader(body.statement.jws).kid);
    return isLive ? (rows[0]?.code ?? undefined) : 'key_not_current';
  }
}

/** Whoever sends it controls the text; the key is the one that the registry shows for the service that it names. */
function verifyErasure(jws: string, registry: Registry): ErasureDone {
  try {
    const { kid } = readHeader(jws);
    const shown = registry.serviceKeys.get(kid);
    const keyring = new Map(shown ? [[kid, shown.key]] : []);
    const { payload } = verifySigned(jws, 'consent-statement+jws', keyring);
    if (payload.kind !== 'erasure.done') throw statementInvalid(jws, '/kind');
    if (payload.service !== shown?.service.id) throw statementInvalid(jws, '/service');
    return payload;
  } catch (error) {
    if (error instanceof Refused) throw statementInvalid(jws, error.pointer);
    throw error;
  }
}
