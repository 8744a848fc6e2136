import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';
import { IsJws } from '../../common/validation/index.js';
import { examples } from '../examples.js';

export class GrantsDto {
  @ApiProperty({ description: 'key-grant+jws, each by the calling device', example: [examples.grant] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(128)
  @IsJws(8192, { each: true })
  readonly grants!: string[];
}

export class GrantsAnswer {
  @ApiProperty({ description: 'key-grant+jws for the calling device', example: [examples.grant] })
  readonly items!: readonly string[];

  @ApiPropertyOptional({ description: 'cursor of the next page' })
  readonly next?: string;
}

export class SavedGrantsAnswer {
  @ApiProperty({ example: 1 })
  readonly saved!: number;
}
