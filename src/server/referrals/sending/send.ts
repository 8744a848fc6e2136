import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql } from '../../../database/index.js';
import { fromBase64url, newId } from '../../../protocol/encoding/bytes.js';
import { quotasOf } from '../../../protocol/registry/charter.js';
import { thumbprint } from '../../../protocol/crypto/keys.js';
import { statementLeaf } from '../../../protocol/log/leaves.js';
import { hashText } from '../../../protocol/encoding/signed.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError, type ErrorCode } from '../../common/errors/index.js';
import { callValues, Idempotency, isTaken, onceSql, type IdempotentCall } from '../../common/http/index.js';
import type { Chain } from '../../../protocol/consent/statements.js';
import { appendStatementLeaf, LogService } from '../../log/index.js';
import { Contexts, CONTEXT_HOLDS, contextValues, type Context } from '../common/context.js';
import type { Referral } from '../../../protocol/referral/state-machine.js';
import { REFERRAL_COLUMNS } from '../common/referral.sql.js';
import type { SendDto } from './send.dto.js';
import { verifySend, type VerifiedSend } from './send.rules.js';

/** The values of a send, but for those of its call and its context. */
interface SendValues {
  readonly signers: readonly string[];
  readonly mostOpen: number;
  readonly referral: string;
  readonly kind: string;
  readonly source: string;
  readonly target: string;
  readonly toKey: Uint8Array;
  readonly priority: string;
  readonly hours: number;
  readonly consent: string;
  readonly givenHash: Uint8Array;
  readonly headHash: Uint8Array;
  readonly lastDay: string;
  readonly sendUntil: string;
  readonly keepUntil: string;
  readonly personKid: string;
  readonly readKid: string;
  readonly wordNeeded: boolean;
  readonly ctx: Uint8Array;
  readonly body: Uint8Array;
  readonly personBox: Uint8Array;
  readonly roles: readonly number[];
  readonly wraps: readonly Uint8Array[];
  readonly texts: readonly string[];
  readonly openings: readonly Uint8Array[];
  readonly pendings: readonly string[];
  readonly leaves: readonly Uint8Array[];
  readonly secondKid: string | null;
  readonly secondSealed: Uint8Array | null;
}

const v = named<SendValues>();

/**
 * The whole send in one statement: referral, sealed bytes, wraps, two statements and their leaves, and the
 * answer. It does nothing unless the service takes referrals and the sending organisation has fewer open ones
 * than the charter allows, and holds the sender's keys against a revocation until the commit.
 */
export const SEND = prepared(
  'send',
  onceSql(sql`${CONTEXT_HOLDS}, key AS (
      SELECT FROM service_key WHERE kid = ANY(${v.signers}) AND revoked_index IS NULL FOR SHARE
    ), gate AS MATERIALIZED (
      SELECT FROM holds, service s JOIN organisation o ON o.id = s.organisation
      WHERE s.id = ${v.target} AND s.status = 'open' AND o.status = 'active'
        AND (SELECT count(*) FROM key) = cardinality(${v.signers}::text[])
        AND has_room_for_referral(${v.source}::uuid, ${v.mostOpen})
    ), sent AS (
      INSERT INTO referral AS r (open, id, kind, source, target, to_key, priority, status, sent_at, respond_by, consent,
        consent_state, given_hash, head_hash, statements, last_day, send_until, keep_until, person_kid, read_kid, word_needed)
      SELECT true, ${v.referral}::uuid, ${v.kind}, ${v.source}::uuid, ${v.target}::uuid, ${v.toKey}::bytea,
        ${v.priority}, 'requested', date_trunc('hour', domain_now()),
        date_trunc('hour', domain_now() + make_interval(hours => ${v.hours} + 1)), ${v.consent}::uuid,
        'released', ${v.givenHash}::bytea, ${v.headHash}::bytea, 2,
        ${v.lastDay}::date, ${v.sendUntil}::date, ${v.keepUntil}::date, ${v.personKid}, ${v.readKid},
          ${v.wordNeeded}::boolean
      FROM gate
      RETURNING ${REFERRAL_COLUMNS}
    ), sealed AS (
      INSERT INTO handoff (open, referral, ctx, body, person_box)
      SELECT true, referral, ${v.ctx}, ${v.body}, ${v.personBox} FROM sent
    ), wraps AS (
      INSERT INTO handoff_wrap (open, referral, place, role, wrap)
      SELECT true, sent.referral, w.place - 1, w.role, w.wrap
      FROM sent, unnest(${v.roles}::smallint[], ${v.wraps}::bytea[]) WITH ORDINALITY AS w (role, wrap, place)
    ), stated AS (
      INSERT INTO statement (open, referral, number, jws, opening, pending)
      SELECT true, sent.referral, s.number - 1, s.jws, s.opening, s.pending
      FROM sent, unnest(${v.texts}::text[], ${v.openings}::bytea[], ${v.pendings}::uuid[])
        WITH ORDINALITY AS s (jws, opening, pending, number)
    ), leaves AS (
      ${appendStatementLeaf(sql`l.pending, sent.consent, (l.number - 1)::integer, l.leaf
        FROM sent, unnest(${v.pendings}::uuid[], ${v.leaves}::bytea[]) WITH ORDINALITY AS l (pending, leaf, number)`)}
    ), second AS (
      INSERT INTO second_code (kid, referral, sealed)
      SELECT ${v.secondKid}, referral, ${v.secondSealed}::bytea FROM sent
      WHERE ${v.secondKid}::text IS NOT NULL
    ), answered AS (SELECT row_to_json(sent)::text AS answer FROM sent)`),
);

/** What stands against a send that holds in itself. */
const WHY = prepared(
  'send-why',
  sql`SELECT CASE
      WHEN (SELECT count(*) FROM service_key WHERE kid = ANY(${v.signers}) AND revoked_index IS NULL)
          <> cardinality(${v.signers}::text[])
        THEN 'key_not_current'
      WHEN NOT EXISTS (SELECT FROM service s JOIN organisation o ON o.id = s.organisation
        WHERE s.id = ${v.target} AND s.status = 'open' AND o.status = 'active') THEN 'service_closed'
      WHEN NOT has_room_for_referral(${v.source}, ${v.mostOpen}) THEN 'quota_reached'
    END AS code`,
);

/** Sends a consented referral: one request, one statement, one transaction. */
@Injectable()
export class SendAct {
  constructor(
    private readonly database: Database,
    private readonly contexts: Contexts,
    private readonly idempotency: Idempotency,
    private readonly log: LogService,
  ) {}

  async run(by: DevicePrincipal, call: IdempotentCall, send: SendDto): Promise<Referral> {
    return this.contexts.judge(
      call,
      (context) => this.attempt(by, call, send, context),
      (context) => this.why(this.verify(send, context), context),
    );
  }

  private async attempt(
    by: DevicePrincipal,
    call: IdempotentCall,
    send: SendDto,
    context: Context,
  ): Promise<Referral | undefined> {
    const verified = this.verify(send, context);
    if (!by.services.includes(verified.source)) throw new DomainError('not_found');
    const values = {
      ...callValues(call),
      ...contextValues(context),
      ...this.values(send, verified, context),
    };
    return this.idempotency.once<Referral>(call, SEND.with(values)).catch(throwUsed);
  }

  private verify(send: SendDto, context: Context): VerifiedSend {
    return verifySend(send, { log: this.log.identity.consent.name, ...context });
  }

  private async why(
    { source, target, signers }: VerifiedSend,
    { charter }: Context,
  ): Promise<ErrorCode | undefined> {
    const query = WHY.with({ target, signers, source, mostOpen: quotasOf(charter).openReferrals });
    return (await this.database.app.query<{ code: ErrorCode | null }>(query)).rows[0]?.code ?? undefined;
  }

  private values(send: SendDto, verified: VerifiedSend, { charter }: Context): SendValues {
    const { source, target, signers, ctx, body, wraps } = verified;
    const { referral, kind, priority, person } = send;
    const hours = charter.respondWithinHours[priority];
    return {
      ...this.statementValues(send, verified.chain),
      ...{ signers, referral, kind, source, target, priority, hours, ctx, body },
      mostOpen: quotasOf(charter).openReferrals,
      readKid: thumbprint(fromBase64url(person.read)),
      wordNeeded: person.word,
      personBox: fromBase64url(person.box),
      roles: wraps.map(({ role }) => role),
      wraps: wraps.map(({ wrap }) => wrap),
      secondKid: person.second?.kid ?? null,
      secondSealed: person.second ? fromBase64url(person.second.sealed) : null,
    };
  }

  private statementValues({ statements }: SendDto, { given, givenText, released, head, lastDay }: Chain) {
    const { consent, sendUntil, keepUntil } = given;
    const openings = statements.map(({ opening }) => fromBase64url(opening));
    const texts = statements.map(({ jws }) => jws);
    const { name } = this.log.identity.consent;
    return {
      ...{ consent, lastDay, sendUntil, keepUntil, texts, openings },
      toKey: fromBase64url(released?.toKey ?? ''),
      givenHash: hashText(givenText),
      headHash: hashText(head),
      personKid: thumbprint(fromBase64url(given.person)),
      pendings: texts.map(newId),
      leaves: texts.map((text, i) => statementLeaf(name, openings[i] ?? new Uint8Array(0), text)),
    };
  }
}

/** The same referral, consent or code is there already. */
function throwUsed(error: unknown): never {
  if (isTaken(error)) throw new DomainError('consent_used');
  throw error;
}
