import { Injectable } from '@nestjs/common';
import type { EventPage } from '../../../protocol/referral/event-types.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError } from '../../common/errors/index.js';
import { LogService } from '../../log/index.js';
import { EventPages, type EventsAfter } from './event-pages.js';
import type { EventsQuery } from './events.dto.js';
import { Places } from './places.js';
import { Waiters } from './waiters.js';

/** What has happened to the referrals of a service. */
@Injectable()
export class EventsService {
  constructor(
    private readonly pages: EventPages,
    private readonly places: Places,
    private readonly waiters: Waiters,
    private readonly log: LogService,
  ) {}

  /** A page of the feed; where there is nothing yet, not before something comes or the time is up. */
  async read(by: DevicePrincipal, query: EventsQuery, gone: AbortSignal): Promise<EventPage> {
    const { service, after, wait, limit } = query;
    if (!by.services.includes(service)) throw new DomainError('not_found');
    const place = after === undefined ? undefined : this.places.decode(service, after);
    const found = await this.pages.after(service, place, limit);
    if (found.anew || found.events.length > 0 || wait === 0) return this.pageOf(service, found);
    await this.waiters.wait(service, found.next, { seconds: wait, gone });
    return this.pageOf(service, await this.pages.after(service, found.next, limit));
  }

  private pageOf(service: string, { events, next, anew }: EventsAfter): EventPage {
    const items = events.map(({ id, type, referral, at }) => ({ id, type, referral, at }));
    const { unwitnessedSince } = this.log;
    return { items, next: this.places.encode(service, next), anew, unwitnessedSince };
  }
}
