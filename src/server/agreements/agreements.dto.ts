import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength, MinLength } from 'class-validator';
import type { AgreementState } from '../../protocol/registry/agreements.js';
import { IsId, IsJws } from '../common/validation/index.js';
import { examples } from './examples.js';

export class ProposalDto {
  @ApiProperty({ description: 'the words that are agreed on, to the byte', example: examples.text })
  @IsString()
  @MinLength(1)
  @MaxLength(20_000)
  readonly text!: string;

  @ApiProperty({
    description: 'agreement+jws by a coordinator of a party, with the SHA-256 of the text',
    example: examples.signature,
  })
  @IsJws(16384)
  readonly signature!: string;
}

export class ProposedAnswer {
  @ApiProperty({ description: 'place of the signature in the registry log', example: 17 })
  readonly index!: number;
}

export class AgreementParams {
  @ApiProperty({ example: examples.terms.agreement })
  @IsId()
  readonly id!: string;
}

export class RouteAnswer {
  @ApiProperty({ description: 'service that refers', example: examples.terms.routes[0].from })
  readonly from!: string;

  @ApiProperty({ description: 'service that receives', example: examples.terms.routes[0].to })
  readonly to!: string;
}

const STATES = ['proposed', 'agreed', 'active', 'over'];

export class AgreementAnswer {
  @ApiProperty({ example: examples.terms.agreement })
  readonly id!: string;

  @ApiProperty({
    enum: STATES,
    description: 'today: waits for signatures, for its first day, holds, is over',
  })
  readonly state!: AgreementState;

  @ApiProperty({ type: [String], description: 'organisations', example: examples.terms.parties })
  readonly parties!: string[];

  @ApiProperty({ type: [String], description: 'parties that have signed', example: examples.terms.parties })
  readonly signers!: string[];

  @ApiProperty({ type: () => [RouteAnswer] })
  readonly routes!: RouteAnswer[];

  @ApiProperty({ type: [String], example: examples.terms.purposes })
  readonly purposes!: string[];

  @ApiProperty({ enum: ['referral', 'transfer'] })
  readonly kind!: string;

  @ApiProperty({ format: 'date', example: examples.terms.from })
  readonly from!: string;

  @ApiProperty({ format: 'date', example: examples.terms.until })
  readonly until!: string;

  @ApiProperty({ description: 'days between a party’s word and the end', example: 30 })
  readonly noticeDays!: number;

  @ApiProperty({ description: 'SHA-256 of the text', example: examples.terms.textHash })
  readonly textHash!: string;

  @ApiProperty({ description: 'of the text (BCP 47)', example: 'fr' })
  readonly language!: string;

  @ApiProperty({ format: 'date', description: 'last day on which it holds, an early end included' })
  readonly lastDay!: string;

  @ApiProperty({ description: 'it holds, and ends within sixty days: time to speak about it' })
  readonly endsSoon!: boolean;
}

export class AgreementTextAnswer extends AgreementAnswer {
  @ApiProperty({ example: examples.text })
  readonly text!: string;
}

export class AgreementsAnswer {
  @ApiProperty({ type: () => [AgreementAnswer] })
  readonly items!: readonly AgreementAnswer[];

  @ApiProperty({ required: false, description: 'cursor of the next page' })
  readonly next?: string;
}
