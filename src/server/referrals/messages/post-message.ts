import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql } from '../../../database/index.js';
import { readKidOf, type Reader } from '../../common/access/index.js';
import type { ErrorCode } from '../../common/errors/index.js';
import { callValues, Idempotency, onceSql, type IdempotentCall } from '../../common/http/index.js';
import { Contexts, CONTEXT_HOLDS, contextValues, type Context } from '../common/context.js';
import { findReferral } from '../acts/transition.js';
import type { MessageDto, MessageTakenAnswer } from './messages.dto.js';
import { verifyMessage, type VerifiedMessage } from './message.rules.js';

const v = named<{
  referral: string;
  services: readonly string[];
  readKid: string | null;
  place: number;
  consent: Uint8Array;
  target: string;
  source: string;
  personBox: Uint8Array;
  ctx: Uint8Array;
  wraps: readonly Uint8Array[];
  body: Uint8Array;
}>();

/** Whether a context is that of the referral. */
const IS_OF_CONSENT = sql`(r.given_hash = ${v.consent} AND r.target = ${v.target} AND r.source = ${v.source}
    AND ${v.personBox} = sha256('relais/key-id/xwing/v1'::bytea || '\\x00'::bytea || h.person_box))`;

/**
 * The source until it has released a transfer, the target once it has acknowledged, the person at any time.
 */
const MAY_WRITE = sql`(r.source = ANY(${v.services}::uuid[]) AND r.passed IS NOT TRUE
    OR r.target = ANY(${v.services}::uuid[]) AND r.status <> 'requested' OR r.read_kid = ${v.readKid})`;

/** Whether a place is the one after the last message. */
const IS_NEXT = sql`${v.place}::integer = (
    SELECT coalesce(max(m.place) + 1, 0) FROM message m WHERE m.referral = ${v.referral}
  )`;

/** Once a transfer is released its source reads nothing more, with whatever key. */
const WITHOUT_SENDER = sql`ARRAY[(${v.wraps}::bytea[])[1], ''::bytea, (${v.wraps}::bytea[])[3]]`;

/**
 * Decided by the handoff's row: while it is there, and held so that whatever erases it waits, a message is
 * taken for the place after the last one; afterwards none ever is.
 */
const POST = prepared(
  'message',
  onceSql(sql`${CONTEXT_HOLDS}, gate AS MATERIALIZED (
      SELECT r.id, r.passed FROM holds, referral r JOIN handoff h ON h.open = r.open AND h.referral = r.id
      WHERE r.id = ${v.referral} AND ${MAY_WRITE}
        AND r.keep_until >= domain_today() AND ${IS_OF_CONSENT}
        AND ${IS_NEXT}
      FOR KEY SHARE OF h
    ), posted AS (
      INSERT INTO message (referral, place, ctx, wraps, body)
      SELECT id, ${v.place}, ${v.ctx}::bytea, CASE WHEN passed THEN ${WITHOUT_SENDER}
        ELSE ${v.wraps}::bytea[] END, ${v.body}::bytea
      FROM gate RETURNING place
    ), answered AS (SELECT row_to_json(posted)::text AS answer FROM posted)`),
);

const WHY = prepared(
  'message-why',
  sql`SELECT h.referral IS NOT NULL AND r.keep_until >= domain_today() AS kept,
      ${MAY_WRITE} AS may, ${IS_OF_CONSENT} AS fits, ${IS_NEXT} AS next
    FROM referral r LEFT JOIN handoff h ON h.open = r.open AND h.referral = r.id WHERE r.id = ${v.referral}`,
);

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
    const { ctx, wraps, body } = verified;
    const about = aboutOf(by, referral, verified, message.place);
    const act = POST.with({ ...callValues(call), ...contextValues(context), ...about, ctx, wraps, body });
    return this.idempotency.once<MessageTakenAnswer>(call, act);
  }

  /**
   * What was passed on is gone or not yet disclosed to them, it is of another consent, or somebody has
   * written meanwhile.
   */
  private async why(
    by: Reader,
    referral: string,
    verified: VerifiedMessage,
    place: number,
  ): Promise<ErrorCode | undefined> {
    const { consentState } = await findReferral(this.database.app, by, referral);
    if (consentState === 'withdrawn') return 'consent_inactive';
    const query = WHY.with(aboutOf(by, referral, verified, place));
    const { rows } = await this.database.app.query<Why>(query);
    if (rows[0]?.kept !== true || !rows[0].may) return 'wrong_state';
    if (!rows[0].fits) return 'consent_mismatch';
    return rows[0].next ? undefined : 'chain_moved';
  }
}

function aboutOf(by: Reader, referral: string, verified: VerifiedMessage, place: number) {
  const { consent, target, source, personBox } = verified;
  return {
    ...{ referral, services: by.services, readKid: readKidOf(by), place },
    ...{ consent, target, source, personBox },
  };
}
