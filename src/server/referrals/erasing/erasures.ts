import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql, unprepared, type Bound } from '../../../database/index.js';
import { fromBase64url, newId } from '../../../protocol/encoding/bytes.js';
import { DAYS_BACK, addDays } from '../../../protocol/encoding/days.js';
import { Refused } from '../../../protocol/encoding/errors.js';
import { statementLeaf } from '../../../protocol/log/leaves.js';
import type { Registry } from '../../../protocol/registry/registry.js';
import type { ErasureDone } from '../../../protocol/schemas/statements.js';
import { readHeader, verifySigned } from '../../../protocol/encoding/signed.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError, statementInvalid, type ErrorCode } from '../../common/errors/index.js';
import { callValues, Cursors, Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
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

const v = named<{
  service: string;
  after: string | null;
  limit: number;
  kid: string;
  referrals: readonly string[];
  years: readonly number[];
  indexes: readonly number[];
  day: string;
  jws: string;
  opening: Uint8Array;
  pending: string;
  leaf: Uint8Array;
}>();

/**
 * Each side from the index that holds exactly what it still has to say; all of a referral's leaves have their
 * place.
 */
const DUE = unprepared(
  'erasure-due',
  sql`SELECT due.id AS referral, places.leaves FROM (
      SELECT r.id FROM referral_closed r
        WHERE r.target = ${v.service} AND r.erased_on IS NOT NULL AND r.target_erased IS NULL
      UNION
      SELECT r.id FROM referral_closed r
        WHERE r.source = ${v.service} AND r.erased_on IS NOT NULL AND r.source_erased IS NULL
    ) AS due, LATERAL (
      SELECT json_agg(json_build_array(l.year, p.index) ORDER BY l.year, p.index) AS leaves, bool_and(p.index IS NOT NULL) AS sure
      FROM statement_closed s LEFT JOIN log_position p ON p.pending = s.pending LEFT JOIN log l ON l.id = p.log
      WHERE s.referral = due.id
    ) AS places WHERE places.sure AND (${v.after}::uuid IS NULL OR due.id > ${v.after}) ORDER BY due.id LIMIT ${v.limit}`,
);
/** Closed referrals whose content is erased and of which the service has not said so. */
const IS_DUE = sql`r.id = ANY(${v.referrals}::uuid[]) AND r.erased_on IS NOT NULL
    AND (r.target = ${v.service} AND r.target_erased IS NULL OR r.source = ${v.service} AND r.source_erased IS NULL)`;

/** CTEs after `due`; `gate` has a row where every named referral is due and the leaves are exactly theirs. */
const GATE = sql`place AS MATERIALIZED (
      SELECT l.year, p.index FROM due JOIN statement_closed s ON s.referral = due.id
        LEFT JOIN log_position p ON p.pending = s.pending LEFT JOIN log l ON l.id = p.log
    ), gate AS MATERIALIZED (
      SELECT WHERE (SELECT count(*) FROM due) = cardinality(${v.referrals}::uuid[])
        AND (SELECT count(*) FROM place) = cardinality(${v.indexes}::bigint[])
        AND (SELECT bool_and((year, index) IN (SELECT * FROM unnest(${v.years}::integer[],
          ${v.indexes}::bigint[]))) FROM place)
    )`;

/** All or nothing: every named referral is due, and the leaves are exactly theirs. */
const DONE = unprepared(
  'erasure-done',
  onceSql(sql`${CONTEXT_HOLDS}, key AS MATERIALIZED (
      SELECT FROM service_key WHERE kid = ${v.kid} AND revoked_index IS NULL FOR SHARE
    ), due AS MATERIALIZED (
      SELECT r.id FROM referral_closed r, holds, key WHERE ${IS_DUE} FOR UPDATE OF r
    ), ${GATE}, acted AS (
      UPDATE referral r SET source_erased = CASE WHEN r.source = ${v.service} THEN true ELSE r.source_erased END,
        target_erased = CASE WHEN r.target = ${v.service} THEN true ELSE r.target_erased END
      FROM gate, due WHERE NOT r.open AND r.id = due.id
    ), stated AS (
      INSERT INTO erasure (pending, service, day, jws, opening)
      SELECT ${v.pending}::uuid, ${v.service}::uuid, ${v.day}::date, ${v.jws}, ${v.opening}::bytea FROM gate
    ), leaf AS (
      ${appendStatementLeaf(sql`${v.pending}::uuid, ${v.pending}::uuid, 0, ${v.leaf}::bytea FROM gate`)}
    ), answered AS (SELECT json_build_object('erased', ${v.referrals}::uuid[])::text AS answer FROM gate)`),
);
const WHY = prepared(
  'erasure-why',
  sql`WITH due AS MATERIALIZED (SELECT r.id FROM referral_closed r WHERE ${IS_DUE}), ${GATE}
    SELECT CASE WHEN cardinality(${v.referrals}::uuid[]) <>
        (SELECT count(*) FROM referral r WHERE r.id = ANY(${v.referrals}::uuid[]) AND ${v.service} IN (r.source, r.target)) THEN 'not_found'
      WHEN NOT EXISTS (SELECT FROM gate) THEN 'wrong_state' END AS code`,
);

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
      read: ([after = null], limit) => this.list(DUE.with({ service, after, limit })),
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

  private async list(due: Bound<'erasure-due'>): Promise<DueErasureAnswer[]> {
    return (await this.database.app.query<DueErasureAnswer>(due)).rows;
  }

  private async attempt(
    by: DevicePrincipal,
    call: IdempotentCall,
    body: ErasureDto,
    context: Context,
  ): Promise<ErasureAnswer | undefined> {
    const { service, day, leaves } = this.verify(by, body, context);
    const { jws } = body.statement;
    const opening = fromBase64url(body.statement.opening);
    const act = DONE.with({
      ...callValues(call),
      ...contextValues(context),
      ...placesOf(leaves),
      ...{ service, day, jws, opening, kid: readHeader(jws).kid, referrals: body.referrals },
      pending: newId(),
      leaf: statementLeaf(this.log.identity.consent.name, opening, jws),
    });
    return this.idempotency.once<ErasureAnswer>(call, act);
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
    const { rows } = await this.database.app.query<{ code: ErrorCode | null }>(
      WHY.with({ referrals: body.referrals, service, ...placesOf(leaves) }),
    );
    if (rows[0]?.code === 'not_found') return 'not_found';
    const isLive = await isLiveKey(this.database.app, readHeader(body.statement.jws).kid);
    return isLive ? (rows[0]?.code ?? undefined) : 'key_not_current';
  }
}

function placesOf(leaves: ErasureDone['leaves']) {
  return { years: leaves.map(([year]) => year), indexes: leaves.map(([, index]) => index) };
}

/**
 * Whoever sends it controls the text; the key is the one that the registry shows for the service that it
 * names.
 */
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
