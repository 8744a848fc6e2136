import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql, whole, type Bound } from '../../../database/index.js';
import { equalBytes, fromBase64url, idToBytes } from '../../../protocol/encoding/bytes.js';
import {
  isBucketLength,
  KIND,
  parseContext,
  ROLE,
  type Context,
} from '../../../protocol/envelope/envelope.js';
import { Refused } from '../../../protocol/encoding/errors.js';
import type { Referral } from '../../../protocol/referral/state-machine.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError, type ErrorCode } from '../../common/errors/index.js';
import { callValues, Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import type { CarryOverDto } from './carry.dto.js';
import { ANSWERED } from '../common/referral.sql.js';
import { findReferral } from './transition.js';

const v = named<{
  referral: string;
  role: number;
  services: readonly string[];
  consent: Uint8Array;
  box: Uint8Array;
  ctx: Uint8Array;
  wrap: Uint8Array;
  body: Uint8Array;
}>();

const RECEIVER = whole(ROLE.receiver);

/** The service that may read, to a live key of its own, while there is something. */
const MAY_CARRY = sql`r.given_hash = ${v.consent} AND r.consent_state IN ('released', 'received') AND r.erased_on IS NULL
    AND CASE WHEN ${v.role} = ${RECEIVER} THEN r.target = ANY(${v.services}::uuid[]) AND r.status <> 'requested'
      ELSE r.source = ANY(${v.services}::uuid[]) AND r.passed IS NOT TRUE END
    AND EXISTS (SELECT FROM service_key k WHERE k.box_id = ${v.box} AND k.revoked_index IS NULL
      AND k.service = CASE WHEN ${v.role} = ${RECEIVER} THEN r.target ELSE r.source END)
    AND EXISTS (SELECT FROM handoff h WHERE h.referral = r.id)`;

/**
 * The envelope takes the place of the service's wrap, of which the hash stays for the digest. Only to a key
 * of that very service, and only where the service may still read: not before the acknowledgement, not after
 * a release.
 */
const CARRY = prepared(
  'carry-over',
  onceSql(sql`acted AS MATERIALIZED (
      SELECT r.* FROM referral r, free
      WHERE r.id = ${v.referral} AND ${MAY_CARRY}
      FOR UPDATE OF r
    ), wraps AS (
      UPDATE handoff_wrap w SET wrap = NULL, hash = sha256(w.wrap) FROM acted a
      WHERE w.open = a.open AND w.referral = a.id AND w.role = ${v.role} AND w.wrap IS NOT NULL
    ), carried AS (
      INSERT INTO carried_over (open, referral, role, ctx, wrap, body)
        SELECT a.open, a.id, ${v.role}, ${v.ctx}, ${v.wrap}, ${v.body} FROM acted a
      ON CONFLICT (referral, role, open) DO UPDATE SET ctx = excluded.ctx, wrap = excluded.wrap, body = excluded.body
    ), ${ANSWERED}`),
);

const WHY = prepared(
  'carry-over-why',
  sql`SELECT CASE WHEN r.consent_state = 'withdrawn' THEN 'consent_inactive'
      WHEN NOT (${MAY_CARRY}) THEN 'wrong_state' END AS code
    FROM referral r WHERE r.id = ${v.referral}
      AND (r.source = ANY(${v.services}::uuid[]) OR r.target = ANY(${v.services}::uuid[]))`,
);

/** Carries a handoff over to a later epoch: a new envelope of kind 06, sealed by the service to itself. */
@Injectable()
export class CarryAct {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
  ) {}

  async run(
    by: DevicePrincipal,
    call: IdempotentCall,
    referral: string,
    body: CarryOverDto,
  ): Promise<Referral> {
    const context = readOwn(body, referral);
    if (!context) return this.mismatch(by, referral);
    const { consent, role, keyId } = context;
    const place = { referral, role, services: by.services, consent, box: keyId };
    const query = CARRY.with({
      ...callValues(call),
      ...place,
      ctx: fromBase64url(body.ctx),
      wrap: fromBase64url(body.wrap),
      body: fromBase64url(body.body),
    });
    return this.idempotency.decide<Referral>(call, query, () => this.why(WHY.with(place)));
  }

  /** Whoever may not see the referral is not told that the envelope is of another. */
  private async mismatch(by: DevicePrincipal, referral: string): Promise<never> {
    await findReferral(this.database.app, by, referral);
    throw new DomainError('consent_mismatch');
  }

  private async why(query: Bound<'carry-over-why'>): Promise<ErrorCode | undefined> {
    const { rows } = await this.database.app.query<{ code: ErrorCode | null }>(query);
    return rows[0] ? (rows[0].code ?? undefined) : 'not_found';
  }
}

/**
 * What the context says, if it is of this referral, of kind 06, and for one recipient that is one of the two
 * services.
 */
function readOwn({ ctx, body }: CarryOverDto, referral: string) {
  const context = readContext(fromBase64url(ctx));
  const recipient = context?.recipients[0];
  if (!context || !recipient || recipient.role > ROLE.sender) return undefined;
  const isOfThis = context.kind === KIND.carriedOver && equalBytes(context.referral, idToBytes(referral));
  if (!isOfThis || !isBucketLength(fromBase64url(body).length)) return undefined;
  return { consent: context.consent, ...recipient };
}

/** One recipient there is by its length, which the DTO holds. */
function readContext(bytes: Uint8Array): Context | undefined {
  try {
    return parseContext(bytes);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}
