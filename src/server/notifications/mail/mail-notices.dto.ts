import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsEmail, IsIn, MaxLength } from 'class-validator';
import { IsId } from '../../common/validation/index.js';
import type { MailLanguage } from './mailer.js';

const LANGUAGES = ['fr', 'nl', 'en'];

export class MailNoticeDto {
  /** A service of one's own organisation. */
  @ApiProperty({ example: 'c54f1ab0-21de-4a0b-b7a3-5f1e0c9d3b04' })
  @IsId()
  readonly service!: string;

  /** The team's mailbox rather than somebody's own. */
  @ApiProperty({ maxLength: 254, format: 'email', example: 'accueil@laruelle.example' })
  @IsEmail()
  @MaxLength(254)
  readonly address!: string;

  @ApiProperty({ enum: LANGUAGES })
  @IsIn(LANGUAGES)
  readonly language!: MailLanguage;
}

export class MailNoticeAnswer {
  readonly service!: string;

  @ApiProperty({ description: 'whether this server sends mail at all' })
  readonly sends!: boolean;
}

export class ListedMailNoticeAnswer {
  readonly service!: string;

  readonly address!: string;

  @ApiProperty({ enum: LANGUAGES })
  readonly language!: MailLanguage;
}

export class MailNoticesAnswer {
  @ApiProperty({ type: () => [ListedMailNoticeAnswer] })
  readonly items!: readonly ListedMailNoticeAnswer[];

  @ApiPropertyOptional({ description: 'cursor of the next page' })
  readonly next?: string;

  @ApiProperty({ description: 'whether this server sends mail at all' })
  readonly sends!: boolean;
}

export class RemovedMailNotice {
  @ApiProperty({ example: 'c54f1ab0-21de-4a0b-b7a3-5f1e0c9d3b04' })
  @IsId()
  readonly service!: string;
}
