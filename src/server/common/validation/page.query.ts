import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { IsWholeNumber } from './validation.js';

/** Which page of a list: after the cursor of the one before, never by number. */
export class PageQuery {
  @ApiPropertyOptional({ description: 'cursor of the page before (`next`)' })
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  @Matches(/^[A-Za-z0-9_-]+$/)
  readonly after?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 50 })
  @IsWholeNumber(1, 100)
  readonly limit: number = 50;
}
