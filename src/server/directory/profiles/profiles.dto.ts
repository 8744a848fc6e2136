import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import { TAXONOMY } from '../../../protocol/directory/taxonomy.js';
import { IsBase64url, MayBeAbsent } from '../../common/validation/index.js';
import { ListedServiceAnswer } from '../directory.dto.js';

const UNITS = ['place', 'bed', 'room', 'appointment', 'meal', 'hour'];
const TERMS = TAXONOMY.map(({ code }) => code);
const INSTANT = '2026-11-24T10:15:00Z';
const MOST = 100_000;
const HASH = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';

export class ProfileDto {
  /**
   * JSON of the protocol's service profile (docs/protocol/registry.md, *Directory*), as a text that is kept
   * to the byte.
   */
  @ApiProperty({ type: 'string', minLength: 2, maxLength: 65_536 })
  @IsString()
  @MinLength(2)
  @MaxLength(65_536)
  readonly profile!: string;
}

export class PublishedAnswer {
  @ApiProperty({ description: 'when, by the database', example: INSTANT })
  readonly published!: string;
}

export class CapacityDto {
  @ApiProperty({ enum: UNITS, example: 'bed' })
  @IsIn(UNITS)
  readonly unit!: string;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: MOST,
    description: 'taken ones left out, held ones not',
    example: 3,
  })
  @IsInt()
  @Min(0)
  @Max(MOST)
  readonly available!: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MOST })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MOST)
  readonly maximum?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MOST,
    description: 'people on the waiting list',
  })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MOST)
  readonly waiting?: number;
}

export class UpdatedAnswer {
  @ApiProperty({ description: 'when, by the database', example: INSTANT })
  readonly updated!: string;
}

export class CapacityAnswer {
  @ApiProperty({ description: 'false once it was stated too long ago: then only unit and date stand here' })
  readonly known!: boolean;

  @ApiProperty({ enum: UNITS })
  readonly unit!: string;

  @ApiPropertyOptional({ type: 'integer', description: 'neither taken nor held' })
  readonly free?: number;

  @ApiPropertyOptional({ type: 'integer' })
  readonly maximum?: number;

  @ApiPropertyOptional({ type: 'integer', description: 'people on the waiting list' })
  readonly waiting?: number;

  @ApiProperty({ example: INSTANT })
  readonly updated!: string;
}

export class ProfileAnswer {
  @ApiProperty({ type: 'string', nullable: true, description: 'as it was published; null where none was' })
  readonly profile!: string | null;

  @ApiProperty({ type: 'string', nullable: true, example: INSTANT })
  readonly published!: string | null;

  @ApiProperty({ type: () => CapacityAnswer, nullable: true, description: 'null where none was ever stated' })
  readonly capacity!: CapacityAnswer | null;
}

/** What is sought stands in the body alone. Without any of it, `GET /v1/services` is the list to ask. */
export class SearchDto {
  @ApiPropertyOptional({ description: 'words; all must occur', minLength: 1, maxLength: 200 })
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly text?: string;

  @ApiPropertyOptional({ description: 'BCP 47', pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', maxLength: 35 })
  @MayBeAbsent()
  @IsString()
  @MaxLength(35)
  @Matches(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
  readonly language?: string;

  @ApiPropertyOptional({
    enum: TERMS,
    description: 'a code of the taxonomy; narrower ones are found as well',
  })
  @MayBeAbsent()
  @IsIn(TERMS)
  readonly term?: string;

  @ApiPropertyOptional({ description: 'postal code', pattern: '^[0-9A-Z][0-9A-Z -]{1,10}[0-9A-Z]$' })
  @MayBeAbsent()
  @IsString()
  @Matches(/^[0-9A-Z][0-9A-Z -]{1,10}[0-9A-Z]$/)
  readonly near?: string;

  @ApiPropertyOptional({ description: 'open at this moment' })
  @MayBeAbsent()
  @IsBoolean()
  readonly openNow?: boolean;

  @ApiPropertyOptional({ description: 'with a place free, as far as is known' })
  @MayBeAbsent()
  @IsBoolean()
  readonly free?: boolean;

  @ApiPropertyOptional({
    description: 'cursor of the page before (`next`)',
    pattern: '^[A-Za-z0-9_-]+$',
    maxLength: 1000,
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(1000)
  @Matches(/^[A-Za-z0-9_-]+$/)
  readonly after?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 50 })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(100)
  readonly limit?: number;
}

export class FoundServiceAnswer extends ListedServiceAnswer {
  @ApiProperty({ type: () => CapacityAnswer, nullable: true })
  readonly capacity!: CapacityAnswer | null;
}

export class SearchAnswer {
  @ApiProperty({ type: () => [FoundServiceAnswer] })
  readonly items!: FoundServiceAnswer[];

  @ApiPropertyOptional({
    description: 'cursor of the next page; there may be one after a page that is not full, or empty',
  })
  readonly next?: string;
}

export class HoldDto {
  @ApiProperty({
    description: 'SHA-256 of 32 random bytes, the token, which the device keeps',
    example: HASH,
  })
  @IsBase64url({ min: 32, max: 32 })
  readonly hold!: string;
}

export class HeldAnswer {
  @ApiProperty({ description: 'to the hour; at least 24 hours ahead', example: '2026-11-25T11:00:00Z' })
  readonly until!: string;
}

export class EndHoldDto {
  @ApiProperty({ description: 'the token of the hold', example: HASH })
  @IsBase64url({ min: 32, max: 32 })
  readonly token!: string;
}

export class EndedAnswer {
  @ApiProperty({ description: 'true, whether or not the token held a place', example: true })
  readonly ended!: true;
}
