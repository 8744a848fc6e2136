import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';

export class CharterVersionParams {
  @ApiProperty({ description: 'a whole number from 1 on', example: '1' })
  @Matches(/^[1-9][0-9]{0,5}$/)
  readonly version!: string;
}

/** One version of the charter, verbatim, with what proves it. */
export class CharterAnswer {
  @ApiProperty({ example: 1 })
  readonly version!: number;

  @ApiProperty({ description: 'RFC 8785 JSON; what is signed is the SHA-256 of exactly this text' })
  readonly text!: string;

  @ApiProperty({
    description: 'SHA-256 of the text, base64url',
    example: 'l0-Qyes_UncQow1zCmCrGv1jV5L3CshfUCCR_Uvrpog',
  })
  readonly textHash!: string;

  @ApiProperty({ description: 'first day on which it holds', example: '2026-11-02' })
  readonly from!: string;

  @ApiProperty({ description: 'charter+jws entries of the registry', type: [String] })
  readonly signatures!: readonly string[];
}
