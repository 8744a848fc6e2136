import { Injectable } from '@nestjs/common';
import { Database } from '../../database/index.js';
import { equalBytes, fromBase64url, toBase64url } from '../../protocol/encoding/bytes.js';
import { boxKeyId } from '../../protocol/crypto/keys.js';
import { isBucketLength, KIND, parseContext, ROLE } from '../../protocol/envelope/envelope.js';
import type { FeedbackTable } from '../../protocol/envelope/feedback.js';
import { personBy, type CodePrincipal, type DevicePrincipal } from '../common/access/index.js';
import { DomainError, type ErrorCode } from '../common/errors/index.js';
import { callValues, Cursors, Idempotency, type IdempotentCall } from '../common/http/index.js';
import { OwnReader } from '../referrals/index.js';
import {
  SKIPPED,
  type FeedbackDto,
  type FeedbackPageAnswer,
  type FeedbackQuery,
  type FeedbackTextDto,
} from './feedback.dto.js';
import { GIVE, GIVE_WHY, OBSERVERS, PUBLISHED, TEXTS } from './feedback.sql.js';

const FIRST = '00000000-0000-0000-0000-000000000000';

interface TextRow {
  readonly id: string;
  readonly target: string;
  readonly quarter: string;
  readonly ctx: Buffer;
  readonly wraps: readonly Buffer[];
  readonly body: Buffer;
  /** Key id of the device that asks. */
  readonly own: Buffer;
}

/** How it went for the persons: taken once a receipt, counted without them, read by the observers alone. */
@Injectable()
export class FeedbackService {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
    private readonly cursors: Cursors,
    private readonly own: OwnReader,
  ) {}

  /** @throws DomainError wrong_state where it was given before, or nobody has opened anything yet */
  async give(by: CodePrincipal, call: IdempotentCall, said: FeedbackDto): Promise<{ given: boolean }> {
    const text = said.text && (await this.requireSealed(said.text));
    const act = GIVE.with({
      ...callValues(call),
      readKid: by.kid,
      reached: answerOf(said.reached),
      helped: answerOf(said.helped),
      respected: answerOf(said.respected),
      ctx: text?.ctx ?? null,
      wraps: text?.wraps ?? null,
      body: text?.body ?? null,
    });
    return this.idempotency.decide(call, act, () => this.why(by));
  }

  private async why(by: CodePrincipal): Promise<ErrorCode | undefined> {
    await this.own.find(personBy(by));
    const { rowCount } = await this.database.app.query(GIVE_WHY.with({ readKid: by.kid }));
    return rowCount === 1 ? undefined : 'wrong_state';
  }

  async observers(by: CodePrincipal): Promise<Uint8Array[]> {
    await this.own.find(personBy(by));
    return this.boxes();
  }

  /** Texts for an observer's device, in the order of their random ids. */
  async texts(by: DevicePrincipal, { after, limit }: FeedbackQuery): Promise<FeedbackPageAnswer> {
    const scope = [by.device, 'feedback'];
    const [last = FIRST] = this.cursors.decode(scope, after) ?? [];
    const { rows } = await this.database.app.query<TextRow>(
      TEXTS.with({ device: by.device, after: last, limit: limit + 1 }),
    );
    const shown = rows.slice(0, limit);
    const next = rows.length > limit ? shown.at(-1)?.id : undefined;
    return {
      items: shown.flatMap(forOne),
      ...(next !== undefined && { next: this.cursors.encode(scope, [next]) }),
    };
  }

  /** A table that was published; there is no other. @throws DomainError not_found */
  async table(quarter: string): Promise<FeedbackTable> {
    const { rows } = await this.database.app.query<{ content: string }>(
      PUBLISHED.with({ name: 'feedback', quarter }),
    );
    if (!rows[0]) throw new DomainError('not_found');
    return JSON.parse(rows[0].content) as FeedbackTable;
  }

  /** Sealed to observers and to nobody else, and of no case: whoever seals controls all of it. */
  private async requireSealed(text: FeedbackTextDto) {
    const [ctx, body] = [fromBase64url(text.ctx), fromBase64url(text.body)];
    const { kind, referral, consent, recipients } = parseContext(ctx);
    const known = (await this.boxes()).map(boxKeyId);
    const isToObservers = recipients.every(
      ({ role, keyId }) => role === ROLE.auditor && known.some((id) => equalBytes(id, keyId)),
    );
    const isOfNoCase = [...referral, ...consent].every((byte) => byte === 0);
    const isWhole = recipients.length === text.wraps.length && isBucketLength(body.length);
    if (kind !== KIND.feedback || !isToObservers || !isOfNoCase || !isWhole)
      throw new DomainError('consent_mismatch');
    return { ctx, body, wraps: text.wraps.map(fromBase64url) };
  }

  private async boxes(): Promise<Uint8Array[]> {
    const { rows } = await this.database.app.query<{ box: Buffer }>(OBSERVERS.with());
    return rows.map(({ box }) => box);
  }
}

function answerOf<T extends string>(said: T | typeof SKIPPED): T | null {
  return said === SKIPPED ? null : said;
}

/** What was sealed before this device was appointed is not for it. */
function forOne({ target, quarter, ctx, wraps, body, own }: TextRow): FeedbackPageAnswer['items'] {
  const wrap = wraps[parseContext(ctx).recipients.findIndex(({ keyId }) => equalBytes(keyId, own))];
  if (!wrap) return [];
  const sealed = { ctx: toBase64url(ctx), wrap: toBase64url(wrap), body: toBase64url(body) };
  return [{ service: target, quarter, ...sealed }];
}
