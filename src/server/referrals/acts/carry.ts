import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
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
import { Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import type { CarryOverDto } from './carry.dto.js';
import { REFERRAL_COLUMNS } from '../common/referral.sql.js';
import { findReferral } from './transition.js';

/** The service that may read, to a live key of its own, while there is something; parameters from `first` on. */
function mayCarry(first: number): string {
  const [role, services, consent, box] = [1, 2, 3, 4].map((n) => `$${first + n}`) as [
    string,
    string,
    string,
    string,
  ];
  return `r.given_hash = ${consent} AND r.consent_state IN ('released', 'received') AND r.erased_on IS NULL
    AND CASE WHEN ${role} = ${ROLE.receiver} THEN r.target = ANY(${services}::uuid[]) AND r.status <> 'requested'
      ELSE r.source = ANY(${services}::uuid[]) AND r.passed IS NOT TRUE END
    AND EXISTS (SELECT FROM service_key k WHERE k.box_id = ${box} AND k.revoked_index IS NULL
      AND k.service = CASE WHEN ${role} = ${ROLE.receiver} THEN r.target ELSE r.source END)
    AND EXISTS (SELECT FROM handoff h WHERE h.referral = r.id)`;
}

/**
 * The envelope takes the place of the service's wrap, of which the hash stays for the digest. Only to a key of that very
 * service, and only where the service may still read: not before the acknowledgement, not after a release.
 */
const CARRY = onceSql(
  'carry-over',
  `acted AS MATERIALIZED (
      SELECT r.* FROM referral r, free
      WHERE r.id = $4 AND ${mayCarry(4)}
      FOR UPDATE OF r
    ), wraps AS (
      UPDATE handoff_wrap w SET wrap = NULL, hash = sha256(w.wrap) FROM acted a
      WHERE w.open = a.open AND w.referral = a.id AND w.role = $5 AND w.wrap IS NOT NULL
    ), carried AS (
      INSERT INTO carried_over (open, referral, role, ctx, wrap, body) SELECT a.open, a.id, $5, $9, $10, $11 FROM acted a
      ON CONFLICT (referral, role, open) DO UPDATE SET ctx = excluded.ctx, wrap = excluded.wrap, body = excluded.body
    ), answered AS (SELECT row_to_json(a)::text AS answer FROM (SELECT ${REFERRAL_COLUMNS} FROM acted r) AS a)`,
);

const WHY = {
  name: 'carry-over-why',
  text: `SELECT CASE WHEN r.consent_state = 'withdrawn' THEN 'consent_inactive'
      WHEN NOT (${mayCarry(1)}) THEN 'wrong_state' END AS code
    FROM referral r WHERE r.id = $1 AND (r.source = ANY($3::uuid[]) OR r.target = ANY($3::uuid[]))`,
};

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
    const sealed = [body.ctx, body.wrap, body.body].map(fromBase64url);
    const place = [referral, role, by.services, consent, keyId];
    const why = () => this.why(place);
    return this.idempotency.decide<Referral>(call, { act: CARRY, values: [...place, ...sealed], why });
  }

  /** Whoever may not see the referral is not told that the envelope is of another. */
  private async mismatch(by: DevicePrincipal, referral: string): Promise<never> {
    await findReferral(this.database.app, by, referral);
    throw new DomainError('consent_mismatch');
  }

  private async why(values: unknown[]): Promise<ErrorCode | undefined> {
    const { rows } = await this.database.app.query<{ code: ErrorCode | null }>({ ...WHY, values });
    return rows[0] ? (rows[0].code ?? undefined) : 'not_found';
  }
}

/** What the context says, if it is of this referral, of kind 06, and for one recipient that is one of the two services. */
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
