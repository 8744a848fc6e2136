import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import type { EventPage, ReferralEvent } from '../../../protocol/event-types.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError } from '../../common/errors/index.js';
import type { EventsQuery } from './events.dto.js';
import { PAGE } from './events.sql.js';
import { NO_ID, Places, type Place } from './places.js';
import { Waiters } from './waiters.js';

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

/** What has happened to the referrals of a service. */
@Injectable()
export class EventsService {
  constructor(
    private readonly database: Database,
    private readonly places: Places,
    private readonly waiters: Waiters,
  ) {}

  /** A page of the feed; where there is nothing yet, not before something comes or the time is up. */
  async read(by: DevicePrincipal, query: EventsQuery, gone: AbortSignal): Promise<EventPage> {
    const { service, after, wait, limit } = query;
    if (!by.services.includes(service)) throw new DomainError('not_found');
    const place = after === undefined ? undefined : this.places.decode(service, after);
    const found = await this.after(service, place, limit);
    const isDone = found.anew || found.events.length > 0 || wait === 0;
    if (isDone) return this.pageOf(service, found);
    await this.waiters.wait(service, found.next, { seconds: wait, gone });
    return this.pageOf(service, await this.after(service, found.next, limit));
  }

  /** Without a place there is nothing to go on from: an empty page whose end is now. */
  async after(service: string, place: Place | undefined, limit: number): Promise<EventsAfter> {
    const values = [service, place?.xid ?? null, place?.id ?? null, limit, place?.at ?? null];
    const { rows } = await this.database.app.query<PageRow | HereRow>({ ...PAGE, values });
    const [first] = rows;
    if (!first) throw new Error('a place without a row');
    const here = { xid: first.below, id: NO_ID, at: first.now };
    if (place === undefined || first.lost === true) return { events: [], next: here, anew: true };
    const events = rows.filter((row): row is PageRow => row.id !== null);
    const last = events.length === limit ? events.at(-1) : undefined;
    return { events, next: last ?? here, anew: false };
  }

  private pageOf(service: string, { events, next, anew }: EventsAfter): EventPage {
    const items = events.map(({ id, type, referral, at }) => ({ id, type, referral, at }));
    return { items, next: this.places.encode(service, next), anew };
  }
}
