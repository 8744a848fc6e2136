import { createParamDecorator, Injectable, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PoolClient } from 'pg';
import { sha256 } from '../../../protocol/crypto/sha256.js';
import { concat, EMPTY, uint8, utf8 } from '../../../protocol/encoding/bytes.js';
import {
  Database,
  named,
  prepared,
  sql,
  statement,
  transaction,
  type Bound,
  type Sql,
} from '../../../database/index.js';
import type { Principal } from '../access/index.js';
import { DomainError, type ErrorCode } from '../errors/index.js';
import { goneOf } from './gone.js';

/** What makes two requests the same request. Hashes only: no device and no content stays behind. */
export interface IdempotentCall {
  /** SHA-256(principal ‖ method ‖ route ‖ Idempotency-Key). */
  readonly key: Uint8Array;
  /** SHA-256 of path and body, to the byte. */
  readonly request: Uint8Array;
  /** The client has gone before its answer. */
  readonly gone: AbortSignal;
}

interface Kept {
  readonly request: Buffer;
  readonly answer: string;
}

/** What `onceSql` asks of every act's values: which call it is. */
export interface CallValues {
  readonly callKey: Uint8Array;
  readonly callLock: bigint;
  readonly callRequest: Uint8Array;
}

const v = named<CallValues & { readonly answer: string }>();

/** Which call it is, for an act that is one statement. */
export function callValues(call: IdempotentCall): CallValues {
  return { callKey: call.key, callLock: lockOf(call), callRequest: call.request };
}

/**
 * A whole act with its answer in one statement. `ctes` do the act where `free` has a row; the last of them is
 * `answered (answer text)`, empty where nothing was done.
 */
export function onceSql<V>(ctes: Sql<V>): Sql<V & CallValues> {
  return sql`WITH claim AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${v.callLock}) AS mine),
      kept AS MATERIALIZED (SELECT request, answer FROM idempotency WHERE key = ${v.callKey}),
      free AS MATERIALIZED (SELECT FROM claim WHERE mine AND NOT EXISTS (SELECT FROM kept)), ${ctes},
      remembered AS (
        INSERT INTO idempotency (key, request, answer) SELECT ${v.callKey}, ${v.callRequest}, answer FROM answered
          RETURNING answer
      )
      SELECT ${v.callRequest}::bytea AS request, answer FROM remembered UNION ALL SELECT request, answer FROM kept`;
}

const LOCK = prepared('idempotency-lock', sql`SELECT pg_try_advisory_xact_lock(${v.callLock}) AS mine`);
const FIND = prepared(
  'idempotency-find',
  sql`SELECT request, answer FROM idempotency WHERE key = ${v.callKey}`,
);
const KEEP = prepared(
  'idempotency-keep',
  sql`INSERT INTO idempotency (key, request, answer) VALUES (${v.callKey}, ${v.callRequest}, ${v.answer})`,
);

/** The `Idempotency-Key` of this request; refuses a request without one. */
export const Idempotent = createParamDecorator((_: unknown, context: ExecutionContext): IdempotentCall => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const header = request.headers['idempotency-key'];
  if (typeof header !== 'string' || !/^[!-~]{1,255}$/.test(header))
    throw new DomainError('idempotency_missing', {
      header: 'Idempotency-Key',
      detail: header === undefined ? 'missing' : 'form',
    });
  const scope = [nameOf(request.principal), request.method, request.routeOptions.url ?? '', header];
  return {
    key: sha256(concat(...scope.flatMap((part) => [utf8(part), uint8(0)]))),
    request: sha256(concat(utf8(`${request.url}\n`), request.bodyBytes ?? EMPTY)),
    gone: goneOf(context.switchToHttp().getResponse<FastifyReply>()),
  };
});

/**
 * Runs an act once per Idempotency-Key: the row lies in the transaction of its effect, so an answer that was
 * given stays given, on every process and after every crash. Kept 72 h.
 */
@Injectable()
export class Idempotency {
  constructor(private readonly database: Database) {}

  async run<T>(call: IdempotentCall, act: (tx: PoolClient) => Promise<T>): Promise<T> {
    const once = async (tx: PoolClient): Promise<T> => {
      const kept = await this.claim(tx, call);
      if (kept !== undefined) return kept as T;
      const answer = JSON.stringify(await act(tx));
      await tx.query(KEEP.with({ callKey: call.key, callRequest: call.request, answer }));
      return JSON.parse(answer) as T;
    };
    return transaction(this.database.app, once, call.gone);
  }

  /**
   * Runs an act that is one statement, made by `onceSql`; undefined if it found nothing to do, which may be
   * because another connection answers this very request: `recall` tells.
   */
  async once<T>(call: IdempotentCall, act: Bound): Promise<T | undefined> {
    const run = (): Promise<Kept[]> => statement<Kept>(this.database.app, act, call.gone);
    const [kept] = await run().catch((error: unknown) =>
      isTaken(error) ? run() : Promise.reject(error as Error),
    );
    return kept && (answerOf(call, kept) as T);
  }

  /** As `once`, until it has done it, or `why` has found the reason that stands against it. */
  async decide<T>(call: IdempotentCall, act: Bound, why: FindReason): Promise<T> {
    const attempt = async () =>
      (await this.once<T>(call, act)) ?? ((await this.recall(call)) as T | undefined);
    return untilDecided(attempt, why);
  }

  /** The answer that was given before, if any: a repetition is answered so, whatever has changed since. */
  async recall(call: IdempotentCall): Promise<unknown> {
    return transaction(this.database.app, (tx) => this.claim(tx, call));
  }

  /**
   * The answer given before, if this is a repetition; undefined if it is ours to act. Two statements, and in
   * this order: whoever has the lock then sees whatever the one before has committed. In one, the look would
   * be older than the lock.
   */
  private async claim(tx: PoolClient, call: IdempotentCall): Promise<unknown> {
    const { rows: locks } = await tx.query<{ mine: boolean }>(LOCK.with({ callLock: lockOf(call) }));
    const { rows } = await tx.query<Kept>(FIND.with({ callKey: call.key }));
    if (rows[0]) return answerOf(call, rows[0]);
    if (locks[0]?.mine !== true) throw new DomainError('in_progress');
    return undefined;
  }
}

const TURNS = 10;

/**
 * The reason that stands against an act now, if one does. It is looked for anew, and never worked out from
 * what is left.
 */
export type FindReason = () => Promise<ErrorCode | undefined>;

/**
 * An act that did nothing, and against which nothing stands any more, met another that has ended meanwhile:
 * it is tried again. So whoever is refused hears a reason that was found.
 */
export async function untilDecided<T>(attempt: () => Promise<T | undefined>, why: FindReason): Promise<T> {
  for (let turn = 0; turn < TURNS; turn++) {
    const done = await attempt();
    if (done !== undefined) return done;
    const reason = await why();
    if (reason !== undefined) throw new DomainError(reason);
  }
  throw new DomainError('in_progress');
}

function lockOf({ key }: IdempotentCall): bigint {
  return new DataView(key.buffer, key.byteOffset).getBigInt64(0);
}

function answerOf({ request }: IdempotentCall, kept: Kept): unknown {
  if (!kept.request.equals(request)) throw new DomainError('idempotency_conflict');
  return JSON.parse(kept.answer);
}

/**
 * Something that can be there once is there: perhaps by this very request, which another connection has just
 * answered.
 */
export function isTaken(error: unknown): boolean {
  return (error as { code?: string }).code === '23505';
}

function nameOf(principal: Principal | undefined): string {
  if (principal?.kind === 'device') return principal.device;
  return principal?.kind === 'code' ? principal.kid : '';
}
