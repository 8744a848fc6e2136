import { createParamDecorator, Injectable, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { PoolClient } from 'pg';
import { sha256 } from '../../../protocol/crypto/sha256.js';
import { concat, EMPTY, uint8, utf8 } from '../../../protocol/bytes.js';
import { Database, statement, transaction } from '../../../database/index.js';
import type { Principal } from '../access/index.js';
import { DomainError } from '../errors/index.js';

/** What makes two requests the same request. Hashes only: no device and no content stays behind. */
export interface IdempotentCall {
  /** SHA-256(principal ‖ method ‖ route ‖ Idempotency-Key). */
  readonly key: Uint8Array;
  /** SHA-256 of path and body, to the byte. */
  readonly request: Uint8Array;
}

interface Kept {
  readonly mine: boolean;
  readonly request: Buffer | null;
  readonly answer: string | null;
}

/** An act that is one statement, as `onceSql` makes it. */
export interface OneStatement {
  readonly name: string;
  readonly text: string;
}

/**
 * A whole act with its answer in one statement. `ctes` do the act where `free` has a row, with parameters from $4 on; the
 * last of them is `answered (answer text)`, empty where nothing was done.
 */
export function onceSql(name: string, ctes: string): OneStatement {
  return {
    name,
    text: `WITH claim AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($2) AS mine),
      kept AS MATERIALIZED (SELECT request, answer FROM idempotency WHERE key = $1),
      free AS MATERIALIZED (SELECT FROM claim WHERE mine AND NOT EXISTS (SELECT FROM kept)), ${ctes},
      remembered AS (
        INSERT INTO idempotency (key, request, answer) SELECT $1, $3, answer FROM answered RETURNING answer
      )
      SELECT claim.mine, kept.request, coalesce(kept.answer, remembered.answer) AS answer
      FROM claim LEFT JOIN kept ON true LEFT JOIN remembered ON true`,
  };
}

const CLAIM = {
  name: 'idempotency-claim',
  text: `SELECT pg_try_advisory_xact_lock($2) AS mine, kept.request, kept.answer
    FROM (SELECT) AS one LEFT JOIN idempotency AS kept ON kept.key = $1`,
};
const KEEP = {
  name: 'idempotency-keep',
  text: 'INSERT INTO idempotency (key, request, answer) VALUES ($1, $2, $3)',
};

/** The `Idempotency-Key` of this request; refuses a request without one. */
export const Idempotent = createParamDecorator(callOf, [describeKey]);

function callOf(_: unknown, context: ExecutionContext): IdempotentCall {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const header = request.headers['idempotency-key'];
  if (typeof header !== 'string' || !/^[!-~]{1,255}$/.test(header))
    throw new DomainError('idempotency_missing');
  const scope = [nameOf(request.principal), request.method, request.routeOptions.url ?? '', header];
  return {
    key: sha256(concat(...scope.flatMap((part) => [utf8(part), uint8(0)]))),
    request: sha256(concat(utf8(`${request.url}\n`), request.bodyBytes ?? EMPTY)),
  };
}

/** Whatever route takes the key says so in the API's description. */
function describeKey(controller: object, method: string | symbol | undefined): void {
  if (method === undefined) return;
  const descriptor = Object.getOwnPropertyDescriptor(controller, method) ?? {};
  ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: 'The same key and body get the same bytes for 72 hours.',
    schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
  })(controller, method, descriptor);
}

/**
 * Runs an act once per Idempotency-Key: the row lies in the transaction of its effect, so an answer that was given stays
 * given, on every process and after every crash. Kept 72 h.
 */
@Injectable()
export class Idempotency {
  constructor(private readonly database: Database) {}

  async run<T>(call: IdempotentCall, act: (tx: PoolClient) => Promise<T>): Promise<T> {
    return transaction(this.database.app, async (tx) => {
      const kept = await this.claim(tx, call);
      if (kept !== undefined) return kept as T;
      const answer = JSON.stringify(await act(tx));
      await tx.query({ ...KEEP, values: [call.key, call.request, answer] }).catch(throwInProgress);
      return JSON.parse(answer) as T;
    });
  }

  /** Runs an act that is one statement; undefined if it found nothing to do. */
  async once<T>(call: IdempotentCall, act: OneStatement, values: readonly unknown[]): Promise<T | undefined> {
    const query = { ...act, values: [call.key, lockOf(call), call.request, ...values] };
    const run = (): Promise<Kept[]> => statement<Kept>(this.database.app, query);
    const [kept] = await run().catch((error: unknown) =>
      isTaken(error) ? run() : Promise.reject(error as Error),
    );
    return answerOf(call, kept) as T | undefined;
  }

  /** The answer that was given before, if any: a repetition is answered so, whatever has changed since. */
  async recall(call: IdempotentCall): Promise<unknown> {
    return transaction(this.database.app, (tx) => this.claim(tx, call));
  }

  /** The answer given before, if this is a repetition; undefined if it is ours to act. */
  private async claim(tx: PoolClient, call: IdempotentCall): Promise<unknown> {
    const { rows } = await tx.query<Kept>({ ...CLAIM, values: [call.key, lockOf(call)] });
    return answerOf(call, rows[0]);
  }
}

function lockOf({ key }: IdempotentCall): bigint {
  return new DataView(key.buffer, key.byteOffset).getBigInt64(0);
}

function answerOf({ request }: IdempotentCall, kept: Kept | undefined): unknown {
  if (kept?.request && !kept.request.equals(request)) throw new DomainError('idempotency_conflict');
  if (kept?.answer != null) return JSON.parse(kept.answer);
  if (kept?.mine !== true) throw new DomainError('in_progress');
  return undefined;
}

/** The other request committed between our look and our lock: its answer will be found at the next try. */
function throwInProgress(error: unknown): never {
  if (isTaken(error)) throw new DomainError('in_progress');
  throw error;
}

/** Something that can be there once is there: perhaps by this very request, which another connection has just answered. */
export function isTaken(error: unknown): boolean {
  return (error as { code?: string }).code === '23505';
}

function nameOf(principal: Principal | undefined): string {
  if (principal?.kind === 'device') return principal.device;
  return principal?.kind === 'code' ? principal.kid : '';
}
