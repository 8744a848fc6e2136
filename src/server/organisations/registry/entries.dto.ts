import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';
import { IsJws } from '../../common/validation/index.js';
import { examples } from '../examples.js';

/**
 * Keys of one's own organisation, their revocations and its word on agreements, in the order in which they
 * build on each other.
 */
export class EntriesDto {
  @ApiProperty({
    description:
      'coordinator-key+jws, service-key+jws, revocation+jws, witness+jws, web-app+jws, agreement+jws, agreement-end+jws; all are taken or none',
    example: [examples.serviceKey],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(48)
  @IsJws(8192, { each: true })
  readonly entries!: string[];
}

export class EntriesAnswer {
  @ApiProperty({ description: 'places in the registry log, in the order given', example: [11] })
  readonly indexes!: number[];
}
