import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { IsBase64url, IsWholeNumber } from '../../common/validation/index.js';

/** Messages that one referral can have. */
const MOST_MESSAGES = 1000;

/**
 * A sealed message, for a place in the thread: if somebody has written there meanwhile, it is read and sealed
 * again.
 */
export class MessageDto {
  /** How many messages of this referral its author has seen. */
  @ApiProperty({ minimum: 0, maximum: MOST_MESSAGES - 1 })
  @IsInt()
  @Min(0)
  @Max(MOST_MESSAGES - 1)
  place!: number;

  /** The envelope's context: receiver, sender and person, each once. */
  @IsBase64url({ min: 185, max: 185 })
  ctx!: string;

  /** The content key, sealed to each recipient, in the order of the context. */
  @IsArray()
  @ArrayMinSize(3)
  @ArrayMaxSize(3)
  @IsBase64url({ min: 1168, max: 1168 }, { each: true })
  wraps!: string[];

  /** salt, commitment and sealed chunks. */
  @IsBase64url({ min: 4176, max: 65616 })
  body!: string;
}

export class MessagesQuery {
  /** `next` of the page before. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  after?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 20, default: 10 })
  @IsOptional()
  @IsWholeNumber(1, 20)
  limit: number = 10;
}

export class MessageTakenAnswer {
  readonly place!: number;
}

/** A sealed message for one recipient. */
export class MessageAnswer {
  readonly place!: number;

  readonly ctx!: string;

  /** The content key, sealed to this recipient. */
  readonly wrap!: string;

  readonly body!: string;
}

export class MessagesAnswer {
  /** 1 receiver, 2 sender, 3 person: whose wraps these are. */
  @ApiProperty({ enum: [1, 2, 3] })
  readonly role!: number;

  /** The person's X-Wing key: messages are sealed to it as well. */
  readonly personBox!: string;

  /** In the order of the thread. */
  @ApiProperty({ type: [MessageAnswer] })
  readonly items!: readonly MessageAnswer[];

  /** Cursor for `after`; absent on the last page. */
  @ApiPropertyOptional()
  readonly next?: string;
}
