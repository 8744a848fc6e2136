import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, Matches } from 'class-validator';
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

export class CosignaturesDto {
  /** Of the checkpoint that was cosigned. */
  @ApiProperty({ pattern: '^(0|[1-9][0-9]{0,17})$', example: '128' })
  @Matches(/^(0|[1-9][0-9]{0,17})$/)
  readonly size!: string;

  @ApiProperty({
    description: 'signature lines of the note, without their newlines',
    example: [
      '— relais-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/witness/11111111-2222-3333-4444-555555555555 CMp0c2lnbmF0dXJlIG9mIGEgd2l0bmVzcw==',
    ],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(4)
  @Matches(/^— [!-~]{1,200} [A-Za-z0-9+/=]{1,150}$/, { each: true })
  readonly cosignatures!: string[];
}

export class CosignedAnswer {
  @ApiProperty({ description: 'whether enough witnesses have now seen it' })
  readonly witnessed!: boolean;
}
