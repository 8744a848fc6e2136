import { Injectable } from '@nestjs/common';
import { Database, type Bound } from '../../database/index.js';
import { equalBytes, fromBase64url, newId, toBase64url } from '../../protocol/encoding/bytes.js';
import { isBucketLength, KIND, parseContext, ROLE, type Context } from '../../protocol/envelope/envelope.js';
import { readCheckpoint } from '../../protocol/log/witness.js';
import { drawLeaves } from '../../protocol/audit/sampling.js';
import type { DevicePrincipal } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { Cursors, Idempotency, type IdempotentCall } from '../common/http/index.js';
import { Config } from '../config/index.js';
import { describeLeaves, LogService, type DrawnLeaf } from '../log/index.js';
import type {
  AnswerDto,
  AuditAnswer,
  ChallengeAnswer,
  ChallengeDto,
  QuestionAnswer,
  QuestionsAnswer,
  QuestionsQuery,
  SampleAnswerDto,
  SealedAnswersAnswer,
} from './audits.dto.js';
import { ANSWER, ANSWERS, ASK, ASKED, DRAW, FIND, OPEN, OPEN_AUDITS, TO_WHOM, TREE } from './audits.sql.js';

const MOST_OPEN = 20;
const PAGE = 20;
const FIRST = ['-1', '00000000-0000-0000-0000-000000000000'];

interface AuditRow {
  readonly nonce: Buffer;
  readonly log: number;
  readonly origin: string;
  readonly count: number;
  readonly until: string;
  readonly note: string;
}

interface AskedRow {
  readonly index: string;
  readonly service: string;
  readonly answered: boolean;
}

interface OpenRow {
  readonly audit: string;
  readonly index: string;
  readonly referral: string | null;
  readonly erasure: string | null;
  readonly jws: string | null;
  readonly opening: Buffer | null;
  readonly until: string;
  readonly certificate: string;
  readonly box: Buffer;
}

interface SealedRow {
  readonly index: string;
  readonly service: string;
  readonly ctx: Buffer;
  readonly wrap: Buffer;
  readonly body: Buffer;
}

/**
 * Samples out of the consent log. No answer of this server holds an opening of anybody else's statement: only
 * holders open.
 */
@Injectable()
export class AuditsService {
  constructor(
    private readonly database: Database,
    private readonly config: Config,
    private readonly log: LogService,
    private readonly idempotency: Idempotency,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Draws leaves in a published tree, and asks whoever holds them. @throws DomainError not_found, wrong_state
   */
  async challenge(by: DevicePrincipal, call: IdempotentCall, said: ChallengeDto): Promise<ChallengeAnswer> {
    return this.idempotency.run(call, async (tx) => {
      const { rows: trees } = await tx.query<{ log: number; note: string }>(
        TREE.with({ year: said.year, size: said.size }),
      );
      if (!trees[0]) throw new DomainError('not_found');
      const { rows: open } = await tx.query<{ n: number }>(OPEN_AUDITS.with({ auditor: by.device }));
      if ((open[0]?.n ?? 0) >= MOST_OPEN) throw new DomainError('wrong_state');
      const { log, note } = trees[0];
      const [audit, nonce] = [newId(), fromBase64url(said.nonce)];
      const { rows } = await tx.query<{ until: string }>(
        DRAW.with({ audit, auditor: by.device, nonce, log, size: said.size, count: said.count }),
      );
      await tx.query(ASK.with({ audit, log, indexes: drawLeaves(nonce, readCheckpoint(note), said.count) }));
      return { audit, until: rows[0]?.until ?? '' };
    });
  }

  /** What was drawn, what the log can show of it, and who was asked of the rest. */
  async find(by: DevicePrincipal, audit: string): Promise<AuditAnswer> {
    const { nonce, log, origin, count, until, note } = await this.require(by, audit);
    const indexes = drawLeaves(new Uint8Array(nonce), readCheckpoint(note), count);
    const { name } = this.log.identity.consent;
    const leaves = await describeLeaves(this.database.app, this.config.data, { log, origin, name, indexes });
    const { rows } = await this.database.app.query<AskedRow>(ASKED.with({ audit }));
    const samples = indexes.map((index) => sampleOf(index, leaves.get(index), rows));
    return { nonce: toBase64url(nonce), checkpoint: note, count, until, samples };
  }

  /** The sealed answers, in the order of the log. */
  async answers(by: DevicePrincipal, audit: string, after: string | undefined): Promise<SealedAnswersAnswer> {
    await this.require(by, audit);
    const scope = [by.device, 'audit', audit];
    const [afterIndex = '', afterService = ''] = this.cursors.decode(scope, after) ?? FIRST;
    const { rows } = await this.database.app.query<SealedRow>(
      ANSWERS.with({ audit, auditor: by.device, afterIndex, afterService, limit: PAGE + 1 }),
    );
    const items = rows.slice(0, PAGE).map(({ index, service, ctx, wrap, body }) => {
      const sealed = { ctx: toBase64url(ctx), wrap: toBase64url(wrap), body: toBase64url(body) };
      return { index: Number(index), service, ...sealed };
    });
    const end = items.at(-1);
    if (rows.length <= PAGE || !end) return { items };
    return { items, next: this.cursors.encode(scope, [String(end.index), end.service]) };
  }

  /** What a service has yet to answer. Of services that are not the device's there is nothing. */
  async questions(by: DevicePrincipal, { service, ...page }: QuestionsQuery): Promise<QuestionsAnswer> {
    if (!by.services.includes(service)) return { items: [] };
    const { items: rows, ...next } = await this.cursors.page([by.device, 'questions', service], page, {
      read: ([afterUntil = null, afterAudit = null, afterIndex = null], limit) =>
        this.open(OPEN.with({ service, afterUntil, afterAudit, afterOpenIndex: afterIndex, limit })),
      place: ({ until, audit, index }) => [until, audit, index],
    });
    const questions: QuestionAnswer[] = [];
    for (const row of rows) questions.push(...(await this.questionOf(row)));
    return { items: questions, ...next };
  }

  /**
   * Keeps a service's first answer. @throws DomainError not_found, consent_mismatch for what is sealed to
   * anybody else
   */
  async answer(by: DevicePrincipal, call: IdempotentCall, said: AnswerDto): Promise<{ answered: true }> {
    if (!by.services.includes(said.service)) throw new DomainError('not_found');
    return this.idempotency.run(call, async (tx) => {
      const sample = { audit: said.audit, index: said.index, service: said.service };
      const { rows } = await tx.query<{ box: Buffer }>(TO_WHOM.with(sample));
      if (!rows[0]) throw new DomainError('not_found');
      const [ctx, wrap, body] = [said.ctx, said.wrap, said.body].map(fromBase64url) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      if (!isSealedTo(parseContext(ctx), rows[0].box) || !isBucketLength(body.length))
        throw new DomainError('consent_mismatch');
      await tx.query(ANSWER.with({ ...sample, ctx, wrap, body }));
      return { answered: true as const };
    });
  }

  private async open(query: Bound<'audit-open'>): Promise<OpenRow[]> {
    return (await this.database.app.query<OpenRow>(query)).rows;
  }

  private async require(by: DevicePrincipal, audit: string): Promise<AuditRow> {
    const { rows } = await this.database.app.query<AuditRow>(FIND.with({ audit, auditor: by.device }));
    return rows[0] ?? Promise.reject(new DomainError('not_found'));
  }

  /** A service's own word comes with its proof; a case its clients have already. */
  private async questionOf(row: OpenRow): Promise<QuestionAnswer[]> {
    const { audit, until, certificate } = row;
    const asked = { audit, index: Number(row.index), until, certificate, box: toBase64url(row.box) };
    if (row.referral !== null) return [{ ...asked, referral: row.referral }];
    if (row.erasure === null || row.jws === null || row.opening === null) return [];
    const leaf = { pending: row.erasure, opening: new Uint8Array(row.opening) };
    const proven = await this.log.statementProofs([leaf], { from: 0n, degree: 'provisional' });
    const [proof] = proven?.proofs ?? [];
    return proof === undefined ? [] : [{ ...asked, erasure: { jws: row.jws, proof } }];
  }
}

function sampleOf(index: bigint, leaf: DrawnLeaf | undefined, asked: readonly AskedRow[]): SampleAnswerDto {
  const at = { index: Number(index) };
  if (leaf?.kind === 'pad') return { ...at, kind: 'pad', opening: leaf.opening };
  if (leaf?.kind === 'anchor') return { ...at, kind: 'anchor' };
  const services = asked
    .filter((row) => BigInt(row.index) === index)
    .map(({ service, answered }) => ({ service, answered }));
  return services.length === 0 ? { ...at, kind: 'unknown' } : { ...at, kind: 'held', services };
}

/** To that auditor alone, and naming no case: whoever seals controls every byte. */
function isSealedTo({ kind, referral, consent, recipients }: Context, box: Uint8Array): boolean {
  const [only] = recipients;
  const isToThem = only?.role === ROLE.auditor && equalBytes(only.keyId, new Uint8Array(box));
  const isOfNoCase = [...referral, ...consent].every((byte) => byte === 0);
  return kind === KIND.auditAnswer && isToThem && isOfNoCase;
}
