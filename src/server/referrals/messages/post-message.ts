import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { readKidOf, type Reader } from '../../common/access/index.js';
import type { ErrorCode } from '../../common/errors/index.js';
import { Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import { Contexts, CONTEXT_HOLDS, contextValues, type Context } from '../common/context.js';
import { findReferral } from '../acts/transition.js';
import type { MessageDto, MessageTakenAnswer } from './messages.dto.js';
import { verifyMessage, type VerifiedMessage } from './message.rules.js';

/** Whether a context is that of the referral: consent, target, source and the person's key id, from this parameter on. */
function isOfConsent(first: number): string {
  return `(r.given_hash = $${first} AND r.target = $${first + 1} AND r.source = $${first + 2}
    AND $${first + 3} = sha256('relais/key-id/xwing/v1'::bytea || '\\x00'::bytea || h.person_box))`;
}

/** The source until it has released a transfer, the target once it has acknowledged, the person at any time. */
function mayWrite(services: number, readKid: number): string {
  return `(r.source = ANY($${services}::uuid[]) AND r.passed IS NOT TRUE
    OR r.target = ANY($${services}::uuid[]) AND r.status <> 'requested' OR r.read_kid = $${readKid})`;
}

/** Whether a place is the one after the last message. */
function isNext(place: string, referral: string): string {
  return `${place}::integer = (SELECT coalesce(max(m.place) + 1, 0) FROM message m WHERE m.referral = ${referral})`;
}

/** Once a transfer is released its source reads nothing more, with whatever key. */
const WITHOUT_SENDER = `ARRAY[($15::bytea[])[1], ''::bytea, ($15::bytea[])[3]]`;

/**
 * Decided by the handoff's row: while it is there, and held so that whatever erases it waits, a message is taken for the
 * place after the last one; afterwards none ever is.
 */
const POST = onceSql(
  'message',
  `${CONTEXT_HOLDS}, gate AS MATERIALIZED (
      SELECT r.id, r.passed FROM holds, referral r JOIN handoff h ON h.open = r.open AND h.referral = r.id
      WHERE r.id = $7 AND ${mayWrite(8, 17)}
        AND r.keep_until >= domain_today() AND ${isOfConsent(9)}
        AND ${isNext('$13', '$7')}
      FOR KEY SHARE OF h
    ), posted AS (
      INSERT INTO message (referral, place, ctx, wraps, body)
      SELECT id, $13, $14::bytea, CASE WHEN passed THEN ${WITHOUT_SENDER} ELSE $15::bytea[] END, $16::bytea
      FROM gate RETURNING place
    ), answered AS (SELECT row_to_json(posted)::text AS answer FROM posted)`,
);

const WHY = {
  name: 'message-why',
  text: `SELECT h.referral IS NOT NULL AND r.keep_until >= domain_today() AS kept,
      ${mayWrite(2, 7)} AS may, ${isOfConsent(3)} AS fits, ${isNext('$8', '$1')} AS next
    FROM referral r LEFT JOIN handoff h ON h.open = r.open AND h.referral = r.id WHERE r.id = $1`,
};

interface Why {
  readonly kept: boolean;
  readonly may: boolean;
  readonly fits: boolean;
  readonly next: boolean;
}

/** Takes a sealed message of either service or of the person, as long as content is kept. */
@Injectable()
export class PostMessageAct {
  constructor(
    private readonly database: Database,
    private readonly contexts: Contexts,
    private readonly idempotency: Idempotency,
  ) {}

  async run(
    by: Reader,
    call: IdempotentCall,
    referral: string,
    message: MessageDto,
  ): Promise<MessageTakenAnswer> {
    const posted = this.contexts.judge(
      call,
      (context) => this.attempt(by, call, { referral, message }, context),
      (context) => this.why(by, referral, verifyMessage(referral, message, context), message.place),
    );
    return posted.catch(async (refused: unknown) => {
      // whatever is wrong with it: to strangers no referral is there
      await findReferral(this.database.app, by, referral);
      throw refused;
    });
  }

  private async attempt(
    by: Reader,
    call: IdempotentCall,
    { referral, message }: { readonly referral: string; readonly message: MessageDto },
    context: Context,
  ): Promise<MessageTakenAnswer | undefined> {
    const verified = verifyMessage(referral, message, context);
    const about = [referral, by.services, ...aboutOf(verified)];
    const { ctx, wraps, body } = verified;
    const values = [...contextValues(context), ...about, message.place, ctx, wraps, body, readKidOf(by)];
    return this.idempotency.once<MessageTakenAnswer>(call, POST, values);
  }

  /** What was passed on is gone or not yet disclosed to them, it is of another consent, or somebody has written meanwhile. */
  private async why(
    by: Reader,
    referral: string,
    verified: VerifiedMessage,
    place: number,
  ): Promise<ErrorCode | undefined> {
    const { consentState } = await findReferral(this.database.app, by, referral);
    if (consentState === 'withdrawn') return 'consent_inactive';
    const values = [referral, by.services, ...aboutOf(verified), readKidOf(by), place];
    const { rows } = await this.database.app.query<Why>({ ...WHY, values });
    if (rows[0]?.kept !== true || !rows[0].may) return 'wrong_state';
    if (!rows[0].fits) return 'consent_mismatch';
    return rows[0].next ? undefined : 'chain_moved';
  }
}

function aboutOf({ consent, target, source, personBox }: VerifiedMessage): unknown[] {
  return [consent, target, source, personBox];
}
