import { refuse } from '../../protocol/encoding/errors.js';
import { isDay } from '../../protocol/schemas/types.js';
import type { Transport } from './transport.js';

/** A clock that is further from the server's than this is told to the user. */
const TOLERANCE_MS = 5 * 60_000;

/**
 * The server's day and hour, which is what acts are judged by, and how far the device's own clock is from
 * them. What a false day could choose is among what the registry shows and nobody has revoked.
 */
export class ServerClock {
  private aheadMs = 0;

  constructor(
    private readonly transport: Transport,
    private readonly deviceClock: () => Date,
  ) {}

  /** @throws Refused day */
  async read(): Promise<{ readonly today: string; readonly now: Date }> {
    const asked = { method: 'GET', path: '/v1/network' } as const;
    const { today, now } = await this.transport.json<{ today: string; now: string }>(asked);
    if (!isDay(today)) refuse('day');
    const hour = new Date(now);
    this.aheadMs = this.deviceClock().getTime() - hour.getTime();
    return { today, now: hour };
  }

  /**
   * By how many seconds the device's clock is ahead (below zero: behind), where that is more than five
   * minutes.
   */
  get error(): number | undefined {
    return Math.abs(this.aheadMs) > TOLERANCE_MS ? Math.round(this.aheadMs / 1000) : undefined;
  }
}
