import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsOptional } from 'class-validator';
import { IsBase64url, IsId, IsPart } from '../../common/validation/index.js';
import type { Priority } from '../../../protocol/referral/state-machine.js';
import { StatementDto } from '../common/statement.dto.js';

/** The receipt's keys, sealed to a second code; or noise of that form, where nobody has one. */
export class SecondCodeDto {
  /** Thumbprint of the second code's sign key. */
  @IsBase64url({ min: 32, max: 32 })
  kid!: string;

  @IsBase64url({ min: 1232, max: 1232 })
  sealed!: string;
}

/** Public halves of the person's receipt code. */
export class PersonDto {
  /** X-Wing public key; its id is `personBox` of consent.given. */
  @IsBase64url({ min: 1216, max: 1216 })
  box!: string;

  /** Ed25519 key that proves paper and word. */
  @IsBase64url({ min: 32, max: 32 })
  read!: string;

  /** Whether reading needs a word beside the paper. */
  @IsBoolean()
  word!: boolean;

  /** A second code, or what cannot be told from one: send it always. */
  @IsOptional()
  @IsPart(() => SecondCodeDto)
  second?: SecondCodeDto;
}

/** One consented, sealed referral: everything that the send needs, in one request. */
export class SendDto {
  @IsId()
  referral!: string;

  @ApiProperty({ enum: ['referral', 'transfer'] })
  @IsIn(['referral', 'transfer'])
  kind!: 'referral' | 'transfer';

  @ApiProperty({ enum: ['routine', 'urgent', 'stat'] })
  @IsIn(['routine', 'urgent', 'stat'])
  priority!: Priority;

  /** consent.given, then handoff.released. */
  @IsArray()
  @ArrayMinSize(2)
  @ArrayMaxSize(2)
  @IsPart(() => StatementDto, { each: true })
  statements!: StatementDto[];

  /** The envelope's context. */
  @IsBase64url({ min: 119, max: 614 })
  ctx!: string;

  /** The content key, sealed to each recipient, in the order of the context. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(3)
  @IsBase64url({ min: 1168, max: 1168 }, { each: true })
  wraps!: string[];

  /** salt, commitment and sealed chunks. */
  @IsBase64url({ min: 4176, max: 65616 })
  body!: string;

  @IsPart(() => PersonDto)
  person!: PersonDto;
}
