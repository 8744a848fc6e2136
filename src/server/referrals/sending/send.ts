import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { fromBase64url, newId } from '../../../protocol/encoding/bytes.js';
import { quotasOf } from '../../../protocol/registry/charter.js';
import { thumbprint } from '../../../protocol/crypto/keys.js';
import { statementLeaf } from '../../../protocol/log/leaves.js';
import { hashText } from '../../../protocol/encoding/signed.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError, type ErrorCode } from '../../common/errors/index.js';
import { Idempotency, isTaken, onceSql, type IdempotentCall } from '../../common/http/index.js';
import { appendStatementLeaf, LogService } from '../../log/index.js';
import { Contexts, CONTEXT_HOLDS, contextValues, type Context } from '../common/context.js';
import type { Referral } from '../../../protocol/referral/state-machine.js';
import { REFERRAL_COLUMNS } from '../common/referral.sql.js';
import type { SendDto } from './send.dto.js';
import { verifySend, type VerifiedSend } from './send.rules.js';

/**
 * The whole send in one statement: referral, sealed bytes, wraps, two statements and their leaves, and the answer. It does
 * nothing unless the service takes referrals and the sending organisation has fewer open ones than the charter allows, and
 * holds the sender's keys against a revocation until the commit.
 */
export const SEND = onceSql(
  'send',
  `${CONTEXT_HOLDS}, key AS (SELECT FROM service_key WHERE kid = ANY($7) AND revoked_index IS NULL FOR SHARE),
    gate AS MATERIALIZED (
      SELECT FROM holds, service s JOIN organisation o ON o.id = s.organisation
      WHERE s.id = $11 AND s.status = 'open' AND o.status = 'active'
        AND (SELECT count(*) FROM key) = cardinality($7::text[]) AND has_room_for_referral($10::uuid, $35)
    ), sent AS (
      INSERT INTO referral AS r (open, id, kind, source, target, to_key, priority, status, sent_at, respond_by, consent,
        consent_state, given_hash, head_hash, statements, last_day, send_until, keep_until, person_kid, read_kid, word_needed)
      SELECT true, $8::uuid, $9, $10::uuid, $11::uuid, $12::bytea, $13, 'requested', date_trunc('hour', domain_now()),
        date_trunc('hour', domain_now() + make_interval(hours => $14 + 1)), $15::uuid,
        'released', $16::bytea, $17::bytea, 2, $18::date, $19::date, $20::date, $21, $22, $23::boolean
      FROM gate
      RETURNING ${REFERRAL_COLUMNS}
    ), sealed AS (
      INSERT INTO handoff (open, referral, ctx, body, person_box) SELECT true, referral, $24, $25, $26 FROM sent
    ), wraps AS (
      INSERT INTO handoff_wrap (open, referral, place, role, wrap)
      SELECT true, sent.referral, w.place - 1, w.role, w.wrap
      FROM sent, unnest($27::smallint[], $28::bytea[]) WITH ORDINALITY AS w (role, wrap, place)
    ), stated AS (
      INSERT INTO statement (open, referral, number, jws, opening, pending)
      SELECT true, sent.referral, s.number - 1, s.jws, s.opening, s.pending
      FROM sent, unnest($29::text[], $30::bytea[], $31::uuid[]) WITH ORDINALITY AS s (jws, opening, pending, number)
    ), leaves AS (
      ${appendStatementLeaf({
        id: 'l.pending',
        tag: 'sent.consent',
        number: '(l.number - 1)::integer',
        leaf: 'l.leaf',
        from: 'sent, unnest($31::uuid[], $32::bytea[]) WITH ORDINALITY AS l (pending, leaf, number)',
      })}
    ), second AS (
      INSERT INTO second_code (kid, referral, sealed) SELECT $33, referral, $34::bytea FROM sent WHERE $33::text IS NOT NULL
    ), answered AS (SELECT row_to_json(sent)::text AS answer FROM sent)`,
);

/** What stands against a send that holds in itself. */
const WHY = {
  name: 'send-why',
  text: `SELECT CASE
      WHEN (SELECT count(*) FROM service_key WHERE kid = ANY($2) AND revoked_index IS NULL) <> cardinality($2::text[])
        THEN 'key_not_current'
      WHEN NOT EXISTS (SELECT FROM service s JOIN organisation o ON o.id = s.organisation
        WHERE s.id = $1 AND s.status = 'open' AND o.status = 'active') THEN 'service_closed'
      WHEN NOT has_room_for_referral($3, $4) THEN 'quota_reached'
    END AS code`,
};

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
    const hours = context.charter.respondWithinHours[send.priority];
    const { openReferrals } = quotasOf(context.charter);
    const of = this.values(send, verified, hours);
    const values = [...contextValues(context), verified.signers, ...of, openReferrals];
    return this.idempotency.once<Referral>(call, SEND, values).catch(throwUsed);
  }

  private verify(send: SendDto, context: Context): VerifiedSend {
    return verifySend(send, { log: this.log.identity.consent.name, ...context });
  }

  private async why(
    { source, target, signers }: VerifiedSend,
    { charter }: Context,
  ): Promise<ErrorCode | undefined> {
    const query = { ...WHY, values: [target, signers, source, quotasOf(charter).openReferrals] };
    return (await this.database.app.query<{ code: ErrorCode | null }>(query)).rows[0]?.code ?? undefined;
  }

  private values(
    send: SendDto,
    { chain, source, target, ctx, body, wraps }: VerifiedSend,
    hours: number,
  ): unknown[] {
    const { given, givenText, released, head, lastDay } = chain;
    const openings = send.statements.map(({ opening }) => fromBase64url(opening));
    const texts = send.statements.map(({ jws }) => jws);
    const { name } = this.log.identity.consent;
    return [
      send.referral,
      send.kind,
      source,
      target,
      fromBase64url(released?.toKey ?? ''),
      send.priority,
      hours,
      given.consent,
      hashText(givenText),
      hashText(head),
      lastDay,
      given.sendUntil,
      given.keepUntil,
      thumbprint(fromBase64url(given.person)),
      thumbprint(fromBase64url(send.person.read)),
      send.person.word,
      ctx,
      body,
      fromBase64url(send.person.box),
      wraps.map(({ role }) => role),
      wraps.map(({ wrap }) => wrap),
      texts,
      openings,
      texts.map(newId),
      texts.map((text, i) => statementLeaf(name, openings[i] ?? new Uint8Array(0), text)),
      send.person.second?.kid ?? null,
      send.person.second ? fromBase64url(send.person.second.sealed) : null,
    ];
  }
}

/** The same referral, consent or code is there already. */
function throwUsed(error: unknown): never {
  if (isTaken(error)) throw new DomainError('consent_used');
  throw error;
}
