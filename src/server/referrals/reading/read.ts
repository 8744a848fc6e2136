import { Injectable } from '@nestjs/common';
import { Database, named, prepared, sql, type Sql } from '../../../database/index.js';
import { toBase64url } from '../../../protocol/encoding/bytes.js';
import { ROLE } from '../../../protocol/envelope/envelope.js';
import type { DevicePrincipal, Reader } from '../../common/access/index.js';
import { DomainError } from '../../common/errors/index.js';
import { Cursors } from '../../common/http/index.js';
import { LogService, type ProofsOf } from '../../log/index.js';
import type { ListQuery } from './read.dto.js';
import type { Referral } from '../../../protocol/referral/state-machine.js';
import { REFERRAL_COLUMNS } from '../common/referral.sql.js';
import { findReferral } from '../acts/transition.js';

const v = named<{
  services: readonly string[];
  afterSentAt: string | null;
  afterId: string | null;
  limit: number;
  referral: string;
  role: number;
}>();

/**
 * Each service's part comes from the index that serves exactly it; nothing is counted, nothing skipped. No
 * `OR` beside the comparison, so that a later page starts in the index, too.
 */
function listSql(table: Sql, side: Sql) {
  return sql`SELECT page.item, page.referral, page.position::text
    FROM unnest(${v.services}::uuid[]) AS service, LATERAL (
      SELECT (SELECT row_to_json(seen)::text FROM (SELECT ${REFERRAL_COLUMNS}) AS seen) AS item,
        r.id AS referral, r.sent_at AS position
      FROM ${table} r
      WHERE ${side} = service AND (r.sent_at, r.id) <
        (coalesce(${v.afterSentAt}::timestamptz, 'infinity'), coalesce(${v.afterId}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      ORDER BY r.sent_at DESC, r.id DESC LIMIT ${v.limit}) AS page
    ORDER BY page.position DESC, page.referral DESC LIMIT ${v.limit}`;
}
const [OPEN, CLOSED] = [sql`referral_open`, sql`referral_closed`];
const [SOURCE, TARGET] = [sql`r.source`, sql`r.target`];
export const LIST = {
  inbox: {
    open: prepared('referral-list-target-open', listSql(OPEN, TARGET)),
    closed: prepared('referral-list-target-closed', listSql(CLOSED, TARGET)),
  },
  outbox: {
    open: prepared('referral-list-source-open', listSql(OPEN, SOURCE)),
    closed: prepared('referral-list-source-closed', listSql(CLOSED, SOURCE)),
  },
};
/**
 * Of a wrap that was taken away its hash is left. What was to be erased and lay on a damaged page is not
 * read, should it come back.
 */
const HANDOFF = prepared(
  'referral-handoff',
  sql`SELECT h.ctx, h.body, h.person_box AS "personBox",
      ARRAY(SELECT coalesce(w.wrap, '') FROM handoff_wrap w WHERE w.open = h.open AND w.referral = h.referral ORDER BY w.place) AS wraps,
      ARRAY(SELECT coalesce(w.hash, sha256(w.wrap)) FROM handoff_wrap w WHERE w.open = h.open AND w.referral = h.referral
        ORDER BY w.place) AS hashes,
      ARRAY(SELECT w.role FROM handoff_wrap w WHERE w.open = h.open AND w.referral = h.referral ORDER BY w.place) AS roles,
      (SELECT ARRAY[c.ctx, c.wrap, c.body] FROM carried_over c
        WHERE c.open = h.open AND c.referral = h.referral AND c.role = ${v.role}) AS carried
    FROM handoff h WHERE h.referral = ${v.referral} AND NOT EXISTS (SELECT FROM damaged d WHERE d.referral = h.referral)`,
);
const STATEMENTS = prepared(
  'referral-statements',
  sql`SELECT s.jws, s.opening, s.pending FROM statement s WHERE s.referral = ${v.referral} ORDER BY s.number`,
);

interface ListRow {
  /** A Referral as JSON. */
  readonly item: string;
  readonly referral: string;
  readonly position: string;
}

export interface SealedForOne {
  readonly role: number;
  readonly ctx: string;
  /** Empty once it was carried over. */
  readonly wrap: string;
  /** SHA-256 of every wrap, in the order of the context. */
  readonly wrapHashes: readonly string[];
  readonly body: string;
  /** The person's X-Wing key: messages are sealed to it as well. */
  readonly personBox: string;
  /** The envelope of kind 06 in the wrap's place. */
  readonly carried?: { readonly ctx: string; readonly wrap: string; readonly body: string };
}

export interface ProvenStatements {
  readonly checkpoint: string;
  readonly consistency: readonly string[];
  readonly statements: readonly { readonly jws: string; readonly proof: string }[];
}

@Injectable()
export class ReferralReader {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    private readonly log: LogService,
  ) {}

  /**
   * A page as JSON: `{items: Referral[], next?}`. The database writes it, so that no row is taken apart and
   * put together again.
   */
  async list(by: DevicePrincipal, { box, state, service, after, limit }: ListQuery): Promise<string> {
    const services = service === undefined ? by.services : by.services.filter((own) => own === service);
    const scope = [by.device, 'referrals', box, state, service ?? ''];
    const [afterSentAt = null, afterId = null] = this.cursors.decode(scope, after) ?? [];
    const query = LIST[box][state].with({ services, afterSentAt, afterId, limit: limit + 1 });
    const { rows } = await this.database.app.query<ListRow>(query);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const next =
      rows.length > limit && last
        ? `,"next":"${this.cursors.encode(scope, [last.position, last.referral])}"`
        : '';
    return `{"items":[${items.map(({ item }) => item).join(',')}]${next}}`;
  }

  async get(by: DevicePrincipal, referral: string): Promise<Referral> {
    return findReferral(this.database.app, by, referral);
  }

  /**
   * The sealed handoff as one of the two services may have it, the receiver only after its acknowledgement;
   * and the person.
   */
  async handoff(by: Reader, referral: string): Promise<SealedForOne> {
    const found = await findReferral(this.database.app, by, referral);
    const role = roleOf(by, found);
    if (found.consentState === 'withdrawn') throw new DomainError('consent_inactive');
    const { rows } = await this.database.app.query<HandoffRow>(HANDOFF.with({ referral, role }));
    if (!rows[0]) throw new DomainError('wrong_state');
    const { ctx, body, personBox, wraps, hashes, roles, carried } = rows[0];
    const wrap = wraps[roles.indexOf(role)] ?? new Uint8Array(0);
    const wrapHashes = hashes.map(toBase64url);
    return {
      ...(carried && { carried: inText(carried) }),
      role,
      ctx: toBase64url(ctx),
      wrap: toBase64url(wrap),
      wrapHashes,
      body: toBase64url(body),
      personBox: toBase64url(personBox),
    };
  }

  /** Every statement with its proof, or undefined while one has none of that degree yet. */
  async proofs(by: Reader, referral: string, of: ProofsOf): Promise<ProvenStatements | undefined> {
    await findReferral(this.database.app, by, referral);
    const { rows } = await this.database.app.query<StatementRow>(STATEMENTS.with({ referral }));
    const proven = await this.log.statementProofs(rows, of);
    return (
      proven && {
        checkpoint: proven.checkpoint,
        consistency: proven.consistency,
        statements: rows.map(({ jws }, i) => ({ jws, proof: proven.proofs[i] ?? '' })),
      }
    );
  }
}

interface HandoffRow {
  readonly ctx: Buffer;
  readonly body: Buffer;
  readonly personBox: Buffer;
  readonly wraps: readonly Buffer[];
  readonly hashes: readonly Buffer[];
  readonly roles: readonly number[];
  readonly carried: readonly [ctx: Buffer, wrap: Buffer, body: Buffer] | null;
}

interface StatementRow {
  readonly jws: string;
  readonly opening: Buffer;
  readonly pending: string;
}

function inText([ctx, wrap, body]: NonNullable<HandoffRow['carried']>) {
  return { ctx: toBase64url(ctx), wrap: toBase64url(wrap), body: toBase64url(body) };
}

/**
 * As whom somebody reads what was passed on. After the release of a transfer the source sees the status, not
 * the content.
 * @throws DomainError wrong_state, also for a receiver that has not acknowledged
 */
export function roleOf(by: Reader, { source, target, status, responsible }: Referral): number {
  if (by.kind === 'person') return ROLE.person;
  if (by.services.includes(target) && status !== 'requested') return ROLE.receiver;
  if (by.services.includes(source) && responsible === 'source') return ROLE.sender;
  throw new DomainError('wrong_state');
}
