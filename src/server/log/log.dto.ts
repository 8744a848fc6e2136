import { ApiProperty } from '@nestjs/swagger';
import { IsIn, Matches } from 'class-validator';
import type { LogKind } from './heads.js';

const KINDS = ['consent', 'registry'] as const;

export class LogParams {
  @ApiProperty({ enum: KINDS, example: 'registry' })
  @IsIn(KINDS)
  kind!: LogKind;

  @ApiProperty({ pattern: '^[2-9][0-9]{3}$', example: '2026' })
  @Matches(/^[2-9][0-9]{3}$/)
  year!: string;
}

export class TileParams extends LogParams {
  /** What Fastify calls the rest of a path. */
  @Matches(/^[0-9a-z/.]{1,64}$/)
  '*'!: string;
}
