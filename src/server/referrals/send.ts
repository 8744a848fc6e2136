import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { fromBase64url, newId } from '../../protocol/bytes.js';
import { thumbprint } from '../../protocol/crypto/keys.js';
import { statementLeaf } from '../../protocol/log/leaves.js';
import { hashText } from '../../protocol/signed.js';
import type { Chain } from '../../protocol/statements.js';
import type { DevicePrincipal } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { CharterService } from '../charter/index.js';
import { appendStatementLeaf, LogService } from '../log/index.js';
import { RegistryService } from '../organisations/index.js';
import { REFERRAL_COLUMNS, type Referral } from './referral.js';
import type { SendDto } from './send.dto.js';
import { verifySend, type VerifiedSend } from './send.rules.js';

interface Gate {
  readonly open: boolean;
  readonly known: boolean;
  readonly used: boolean;
}

/** Whether the receiving service takes referrals, and whether the sender's keys still hold: held until the commit. */
const GATE = {
  name: 'send-gate',
  text: `WITH key AS (SELECT 1 FROM service_key WHERE kid = ANY($3) AND revoked_index IS NULL FOR SHARE),
    target AS (SELECT s.status = 'open' AND o.status = 'active' AS open
      FROM service s JOIN organisation o ON o.id = s.organisation WHERE s.id = $1)
    SELECT coalesce((SELECT open FROM target), false) AS open, (SELECT count(*) FROM key) = cardinality($3::text[]) AS known,
      EXISTS (SELECT FROM referral r WHERE r.consent = $2) AS used`,
};

/** The whole send in one statement: referral, sealed bytes, wraps, two statements and their leaves. */
const INSERT = {
  name: 'send-insert',
  text: `WITH sent AS (
      INSERT INTO referral AS r (open, id, kind, source, target, to_key, priority, status, sent_at, respond_by, consent,
        consent_state, given_hash, head_hash, statements, last_day, send_until, keep_until, person_kid, read_kid, word_needed)
      VALUES (true, $1, $2, $3, $4, $5, $6, 'requested', date_trunc('hour', domain_now()),
        date_trunc('hour', domain_now() + make_interval(hours => $7 + 1)), $8,
        'released', $9, $10, 2, $11, $12, $13, $14, $15, $16)
      RETURNING ${REFERRAL_COLUMNS}
    ), sealed AS (
      INSERT INTO handoff (open, referral, ctx, body, person_box) SELECT true, referral, $17, $18, $19 FROM sent
    ), wraps AS (
      INSERT INTO handoff_wrap (open, referral, place, role, wrap)
      SELECT true, sent.referral, w.place - 1, w.role, w.wrap
      FROM sent, unnest($20::smallint[], $21::bytea[]) WITH ORDINALITY AS w (role, wrap, place)
    ), stated AS (
      INSERT INTO statement (open, referral, number, jws, opening, pending)
      SELECT true, sent.referral, s.number - 1, s.jws, s.opening, s.pending
      FROM sent, unnest($22::text[], $23::bytea[], $24::uuid[]) WITH ORDINALITY AS s (jws, opening, pending, number)
    ), leaves AS (
      ${appendStatementLeaf({
        id: 'l.pending',
        tag: 'sent.consent',
        number: '(l.number - 1)::integer',
        leaf: 'l.leaf',
        from: 'sent, unnest($24::uuid[], $25::bytea[]) WITH ORDINALITY AS l (pending, leaf, number)',
      })}
    ) SELECT * FROM sent`,
};

/** Sends a consented referral: one request, one transaction. */
@Injectable()
export class SendAct {
  constructor(
    private readonly charter: CharterService,
    private readonly registry: RegistryService,
    private readonly log: LogService,
  ) {}

  async run(tx: PoolClient, by: DevicePrincipal, send: SendDto): Promise<Referral> {
    const context = {
      log: this.log.identity.consent.name,
      registry: await this.registry.current(tx),
      charter: await this.charter.inForce(tx),
      today: await this.registry.today(tx),
    };
    const verified = verifySend(send, context);
    if (!by.services.includes(verified.source)) throw new DomainError('not_found');
    await this.requireGate(tx, verified);
    const hours = context.charter.respondWithinHours[send.priority];
    const { rows } = await tx
      .query<Referral>({ ...INSERT, values: this.values(send, verified, hours) })
      .catch(throwUsed);
    if (!rows[0]) throw new DomainError('consent_used');
    await this.requireUnused(tx, send.referral, verified.chain);
    return rows[0];
  }

  private async requireGate(tx: PoolClient, { target, signers, chain }: VerifiedSend): Promise<void> {
    const { rows } = await tx.query<Gate>({ ...GATE, values: [target, chain.given.consent, signers] });
    if (rows[0]?.used === true) throw new DomainError('consent_used');
    if (rows[0]?.known !== true) throw new DomainError('key_not_current');
    if (!rows[0].open) throw new DomainError('service_closed');
  }

  /** Asked again after the insert, of the closed part: an earlier use may have closed while this one waited for its row. */
  private async requireUnused(tx: PoolClient, referral: string, { given }: Chain): Promise<void> {
    const { rowCount } = await tx.query({
      name: 'send-unused',
      text: 'SELECT FROM referral_closed WHERE id = $1 OR consent = $2 OR person_kid = $3',
      values: [referral, given.consent, thumbprint(fromBase64url(given.person))],
    });
    if (rowCount !== 0) throw new DomainError('consent_used');
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
    ];
  }
}

/** The same referral, consent or code is there already. */
function throwUsed(error: unknown): never {
  if ((error as { code?: string }).code === '23505') throw new DomainError('consent_used');
  throw error;
}
