import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  EVENT_TYPES,
  type EventPage,
  type EventType,
  type ReferralEvent,
} from '../../../protocol/referral/event-types.js';
import { IsId, IsWholeNumber } from '../../common/validation/index.js';
import { PageQuery } from '../../common/validation/page.query.js';

export class EventsQuery extends PageQuery {
  /** One of the device's services. */
  @IsId()
  readonly service!: string;

  /** Seconds that an answer may wait until there is something to tell. */
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 25, default: 0 })
  @IsWholeNumber(0, 25)
  readonly wait: number = 0;
}

export class EventAnswer implements ReferralEvent {
  @ApiProperty({ description: 'the same however often it is told' })
  readonly id!: string;

  @ApiProperty({ enum: EVENT_TYPES })
  readonly type!: EventType;

  readonly referral!: string;

  @ApiProperty({ format: 'date-time', description: 'to the hour; to the day once the referral is closed' })
  readonly at!: string;
}

export class EventsAnswer implements EventPage {
  @ApiProperty({ type: () => [EventAnswer] })
  readonly items!: EventAnswer[];

  @ApiProperty({ description: '`after` of the next request, always' })
  readonly next!: string;

  @ApiProperty({ description: 'events before `next` may be missing: read the lists, then go on from `next`' })
  readonly anew!: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'for more than a day no quorum of witnesses has seen the logs: proofs stay provisional',
  })
  readonly unwitnessedSince!: string | null;
}
