import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql } from '../../../database/index.js';
import { toBase64url } from '../../../protocol/encoding/bytes.js';
import { parseContext } from '../../../protocol/envelope/envelope.js';
import type { Reader } from '../../common/access/index.js';
import { DomainError } from '../../common/errors/index.js';
import { Cursors } from '../../common/http/index.js';
import { roleOf } from '../reading/read.js';
import { findReferral } from '../acts/transition.js';
import type { MessageAnswer, MessagesAnswer, MessagesQuery } from './messages.dto.js';

const v = named<{ referral: string; after: number; limit: number }>();

/** One row at least while the handoff is there, without a place where there is no message. */
const THREAD = prepared(
  'message-thread',
  sql`SELECT h.person_box AS "personBox", page.* FROM handoff h LEFT JOIN LATERAL (
      SELECT m.place, m.ctx, m.wraps, m.body FROM message m WHERE m.referral = h.referral AND m.place > ${v.after}
      ORDER BY m.place LIMIT ${v.limit}) AS page ON true
    WHERE h.referral = ${v.referral} ORDER BY page.place`,
);

interface MessageRow {
  readonly place: number;
  readonly ctx: Buffer;
  readonly wraps: readonly Buffer[];
  readonly body: Buffer;
}

type ThreadRow = { readonly personBox: Buffer } & (MessageRow | { readonly place: null });

/** Reads the messages of a referral, as whoever may have its handoff. */
@Injectable()
export class ThreadReader {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  async page(by: Reader, referral: string, { after, limit }: MessagesQuery): Promise<MessagesAnswer> {
    const found = await findReferral(this.database.app, by, referral);
    const role = roleOf(by, found);
    const scope = [by.kind === 'person' ? by.readKid : by.device, 'messages', referral];
    const [last = '-1'] = this.cursors.decode(scope, after) ?? [];
    const { rows } = await this.database.app.query<ThreadRow>(
      THREAD.with({ referral, after: Number(last), limit: limit + 1 }),
    );
    if (!rows[0])
      throw new DomainError(found.consentState === 'withdrawn' ? 'consent_inactive' : 'wrong_state');
    const items = rows.filter((row) => row.place !== null).map((row) => forOne(row, role));
    const shown = items.slice(0, limit);
    const place = items.length > limit ? shown.at(-1)?.place : undefined;
    return {
      role,
      personBox: toBase64url(rows[0].personBox),
      items: shown,
      ...(place !== undefined && { next: this.cursors.encode(scope, [String(place)]) }),
    };
  }
}

function forOne({ place, ctx, wraps, body }: MessageRow, role: number): MessageAnswer {
  const at = parseContext(ctx).recipients.findIndex((recipient) => recipient.role === role);
  const wrap = toBase64url(wraps[at] ?? new Uint8Array(0));
  return { place, ctx: toBase64url(ctx), wrap, body: toBase64url(body) };
}
