import { createParamDecorator, Injectable, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { PoolClient } from 'pg';
import { sha256 } from '../../../protocol/crypto/sha256.js';
import { concat, uint8, utf8 } from '../../../protocol/bytes.js';
import { canonicalText } from '../../../protocol/charter.js';
import { Database, transaction } from '../../../database/index.js';
import type { Principal } from '../access/index.js';
import { DomainError } from '../errors/index.js';

/** What makes two requests the same request. Hashes only: no device and no content stays behind. */
export interface IdempotentCall {
  /** SHA-256(principal ‖ method ‖ route ‖ Idempotency-Key). */
  readonly key: Uint8Array;
  /** SHA-256 of path and body. */
  readonly request: Uint8Array;
}

interface Kept {
  readonly request: Buffer;
  readonly answer: string;
}

const LOCK = { name: 'idempotency-lock', text: 'SELECT pg_try_advisory_xact_lock($1) AS mine' };
const FIND = { name: 'idempotency-find', text: 'SELECT request, answer FROM idempotency WHERE key = $1' };
const KEEP = {
  name: 'idempotency-keep',
  text: 'INSERT INTO idempotency (key, request, answer) VALUES ($1, $2, $3)',
};

/** The `Idempotency-Key` of this request; refuses a request without one. */
export const Idempotent = createParamDecorator((_: unknown, context: ExecutionContext): IdempotentCall => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const header = request.headers['idempotency-key'];
  if (typeof header !== 'string' || !/^[!-~]{1,255}$/.test(header))
    throw new DomainError('idempotency_missing');
  const scope = [nameOf(request.principal), request.method, request.routeOptions.url ?? '', header];
  return {
    key: sha256(concat(...scope.flatMap((part) => [utf8(part), uint8(0)]))),
    request: sha256(utf8(`${request.url}\n${canonicalText(request.body ?? null)}`)),
  };
});

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
      await tx.query({ ...KEEP, values: [call.key, call.request, answer] });
      return JSON.parse(answer) as T;
    });
  }

  /**
   * The answer given before, if this is a repetition; undefined if it is ours to act. Two statements, and in this order:
   * whoever has the lock then sees whatever the one before has committed. In one, the look would be older than the lock.
   */
  private async claim(tx: PoolClient, { key, request }: IdempotentCall): Promise<unknown> {
    const name = new DataView(key.buffer, key.byteOffset).getBigInt64(0);
    const { rows: locks } = await tx.query<{ mine: boolean }>({ ...LOCK, values: [name] });
    const { rows } = await tx.query<Kept>({ ...FIND, values: [key] });
    const [kept] = rows;
    if (kept) {
      if (!kept.request.equals(request)) throw new DomainError('idempotency_conflict');
      return JSON.parse(kept.answer);
    }
    if (locks[0]?.mine !== true) throw new DomainError('in_progress');
    return undefined;
  }
}

function nameOf(principal: Principal | undefined): string {
  if (principal?.kind === 'device') return principal.device;
  return principal?.kind === 'code' ? principal.kid : '';
}
