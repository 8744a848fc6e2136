import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { sha256 } from '../../../protocol/crypto/sha256.js';
import { CAPACITY_STALE_HOURS } from '../../../protocol/charter.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError } from '../../common/errors/index.js';
import { Idempotency, isTaken, type IdempotentCall } from '../../common/http/index.js';
import { END_HOLD, HOLD, HOLD_WHY, SET_CAPACITY } from './capacity.sql.js';
import type { ServiceStatus } from '../directory.service.js';

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

  /** By a device that works for the service, or coordinates its organisation. @throws DomainError not_found, in_progress */
  async set(
    by: DevicePrincipal,
    call: IdempotentCall,
    { id, stated }: { readonly id: string; readonly stated: StatedCapacity },
  ): Promise<{ updated: string }> {
    if (!by.services.includes(id) && by.role !== 'coordinator') throw new DomainError('not_found');
    const { unit, available, maximum = null, waiting = null } = stated;
    const values = [id, by.organisation, unit, available, maximum, waiting];
    return (
      (await this.idempotency.onceOrRecall<{ updated: string }>(call, SET_CAPACITY, values)) ??
      refuse('not_found')
    );
  }

  /**
   * Holds a place for whoever knows the token of which `hash` is the SHA-256. There is no consent yet, and nothing about
   * a person or about who asks is kept.
   * @throws DomainError not_found, service_closed, no_place, wrong_state for a token that holds one already, in_progress
   */
  async hold(
    by: DevicePrincipal,
    call: IdempotentCall,
    { id, hash }: { readonly id: string; readonly hash: Uint8Array },
  ): Promise<{ until: string }> {
    if (by.role !== 'worker' && by.role !== 'coordinator') throw new DomainError('not_found');
    const values = [id, hash, CAPACITY_STALE_HOURS, HOLD_HOURS];
    const held = await this.idempotency
      .onceOrRecall<{ until: string }>(call, HOLD, values)
      .catch((error: unknown) => (isTaken(error) ? refuse('wrong_state') : Promise.reject(error as Error)));
    return held ?? this.explain(id);
  }

  /** Ends a hold. Whether there was one is not told: a token is its own proof, and ending twice does no harm. */
  async end(token: Uint8Array): Promise<void> {
    await this.database.app.query({ ...END_HOLD, values: [sha256(token)] });
  }

  private async explain(id: string): Promise<never> {
    const { rows } = await this.database.app.query<{ status: ServiceStatus }>({ ...HOLD_WHY, values: [id] });
    if (!rows[0]) return refuse('not_found');
    return refuse(rows[0].status === 'open' ? 'no_place' : 'service_closed');
  }
}

function refuse(code: 'not_found' | 'no_place' | 'service_closed' | 'wrong_state'): never {
  throw new DomainError(code);
}
