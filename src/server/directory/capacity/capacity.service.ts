import { Injectable } from '@nestjs/common';
import { Database, type Bound } from '../../../database/index.js';
import { sha256 } from '../../../protocol/crypto/sha256.js';
import { CAPACITY_STALE_HOURS } from '../../../protocol/registry/charter.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError, type ErrorCode } from '../../common/errors/index.js';
import { callValues, Idempotency, isTaken, type IdempotentCall } from '../../common/http/index.js';
import { CAPACITY_WHY, END_HOLD, HOLD, HOLD_WHY, SET_CAPACITY } from './capacity.sql.js';

/** How long a place is held at least; the stored end is cut to the hour. */
const HOLD_HOURS = 24;

export interface StatedCapacity {
  readonly unit: string;
  readonly available: number;
  readonly maximum?: number | undefined;
  readonly waiting?: number | undefined;
}

/** Places: what a service states, and what is held of it. */
@Injectable()
export class CapacityService {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
  ) {}

  /**
   * By a device that works for the service, or coordinates its organisation. @throws DomainError not_found,
   * in_progress
   */
  async set(
    by: DevicePrincipal,
    call: IdempotentCall,
    { id, stated }: { readonly id: string; readonly stated: StatedCapacity },
  ): Promise<{ updated: string }> {
    if (!by.services.includes(id) && by.role !== 'coordinator') throw new DomainError('not_found');
    const { unit, available, maximum = null, waiting = null } = stated;
    const place = { service: id, organisation: by.organisation };
    const act = SET_CAPACITY.with({ ...callValues(call), ...place, unit, available, maximum, waiting });
    return this.idempotency.decide(call, act, () => this.why(CAPACITY_WHY.with(place)));
  }

  /**
   * Holds a place for whoever knows the token of which `hash` is the SHA-256. There is no consent yet, and
   * nothing about a person or about who asks is kept.
   * @throws DomainError not_found, service_closed, no_place, wrong_state for a token that holds one already,
   * in_progress
   */
  async hold(
    by: DevicePrincipal,
    call: IdempotentCall,
    { id, hash }: { readonly id: string; readonly hash: Uint8Array },
  ): Promise<{ until: string }> {
    if (by.role !== 'worker' && by.role !== 'coordinator') throw new DomainError('not_found');
    const place = { service: id, staleHours: CAPACITY_STALE_HOURS };
    const act = HOLD.with({ ...callValues(call), ...place, hash, holdHours: HOLD_HOURS });
    return this.idempotency
      .decide<{ until: string }>(call, act, () => this.why(HOLD_WHY.with(place)))
      .catch((error: unknown) =>
        Promise.reject(isTaken(error) ? new DomainError('wrong_state') : (error as Error)),
      );
  }

  /**
   * Ends a hold. Whether there was one is not told: a token is its own proof, and ending twice does no harm.
   */
  async end(token: Uint8Array): Promise<void> {
    await this.database.app.query(END_HOLD.with({ hash: sha256(token) }));
  }

  private async why(query: Bound<'capacity-why' | 'hold-why'>): Promise<ErrorCode | undefined> {
    const { rows } = await this.database.app.query<{ code: ErrorCode | null }>(query);
    return rows[0] ? (rows[0].code ?? undefined) : 'not_found';
  }
}
