import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import type { ReferralEvent } from '../../../protocol/referral/event-types.js';
import { PAGE } from './events.sql.js';
import { NO_ID, type Place } from './places.js';

interface PageRow extends ReferralEvent {
  readonly below: string;
  readonly now: string;
  readonly lost: boolean | null;
  readonly xid: string;
}

/** A row where there is no event. */
type HereRow = Pick<PageRow, 'below' | 'now' | 'lost'> & { readonly id: null };

/** Events after a place, and the place after them. */
export interface EventsAfter {
  readonly events: readonly (ReferralEvent & { readonly xid: string })[];
  readonly next: Place;
  readonly anew: boolean;
}

/** Reads a service's events in an order in which nothing is slipped in afterwards. */
@Injectable()
export class EventPages {
  constructor(private readonly database: Database) {}

  /** Without a place there is nothing to go on from: an empty page whose end is now. */
  async after(service: string, place: Place | undefined, limit: number): Promise<EventsAfter> {
    const { rows } = await this.database.app.query<PageRow | HereRow>(
      PAGE.with({ service, xid: place?.xid ?? null, id: place?.id ?? null, limit, at: place?.at ?? null }),
    );
    const [first] = rows;
    if (!first) throw new Error('a place without a row');
    const here = { xid: first.below, id: NO_ID, at: first.now };
    if (place === undefined || first.lost === true) return { events: [], next: here, anew: true };
    const events = rows.filter((row): row is PageRow => row.id !== null);
    const last = events.length === limit ? events.at(-1) : undefined;
    return { events, next: last ?? here, anew: false };
  }
}
